import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { downloadFile } from '../../../core/hub/download-file.js'
import type { Hub } from '../../../core/hub/hub.js'
import { fileAddress } from '../../../core/hub/hub-api.js'
import { EngineError } from '../../../core/schema/engine-error.js'
import { cdn, commit, openFakeHub, promised, type Behaviour, type FakeHub } from '../../support/fake-hub.js'
import { randomBytes } from '../../support/random-bytes.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

const bytes = randomBytes(100_000, 1)
const others = randomBytes(100_000, 2)
const pieceBytes = 16_384
const pieceCount = 7

interface Outcome {
  readonly fake: FakeHub
  readonly target: string
  readonly error: EngineError | null
}

/** Fetches the file from a hub that behaves like this. */
async function fetchFrom(
  behaviour: Behaviour,
  options: Partial<Hub & { pieceBytes: number; target: string }> = {},
): Promise<Outcome> {
  const fake = await openFakeHub({ 'someone/tiny': { files: { 'model.gguf': bytes } } })
  fake.behave(behaviour)
  const target = options.target ?? join(temporaryFolder(), 'model.gguf')
  return { fake, target, error: await attempt(fake, target, options) }
}

async function attempt(
  fake: FakeHub,
  target: string,
  options: Partial<Hub & { pieceBytes: number; signal: AbortSignal; promise: Buffer }> = {},
): Promise<EngineError | null> {
  const hub = fake.open(options)
  const address = fileAddress(hub, { kind: 'model', name: 'someone/tiny', revision: commit }, 'model.gguf')
  const { signal = new AbortController().signal, promise = bytes } = options
  const file = promised('model.gguf', promise)
  try {
    const progress = (): void => undefined
    await downloadFile({
      hub,
      address,
      file,
      target,
      signal,
      progress,
      pieceBytes: options.pieceBytes ?? pieceBytes,
    })
    return null
  } catch (thrown) {
    if (thrown instanceof EngineError) return thrown as EngineError
    throw thrown
  }
}

function expectWhole({ target, error }: Pick<Outcome, 'target' | 'error'>): void {
  expect(error).toBeNull()
  expect(readFileSync(target).equals(bytes)).toBe(true)
  expect(readdirSync(join(target, '..'))).toEqual(['model.gguf'])
}

const cdnRequests = ({ seen }: FakeHub) => seen.filter(({ address }) => address.startsWith(cdn))

describe('a download', () => {
  it('comes in pieces, under its name only when it is whole', async () => {
    const outcome = await fetchFrom(() => null)
    expectWhole(outcome)
    const ranges = cdnRequests(outcome.fake).map(({ headers }) => headers.range)
    expect(ranges.toSorted()).toHaveLength(pieceCount)
    expect(ranges).toContain('bytes=0-16383')
    expect(ranges).toContain('bytes=98304-99999')
  })

  it('sends the token to the hub alone, not to the host that it is sent on to', async () => {
    const { fake } = await fetchFrom(() => null, { token: 'hf_secret' })
    const withToken = fake.seen.filter(({ headers }) => headers.authorization === 'Bearer hf_secret')
    expect(withToken.map(({ address }) => new URL(address).origin)).toEqual(
      Array(pieceCount).fill(fake.endpoint),
    )
    expect(cdnRequests(fake)).toHaveLength(pieceCount)
  })

  it('goes on where dropped connections ended, and waits longer each time', async () => {
    const outcome = await fetchFrom((index) => (index < 3 ? { drop: 1000 } : null), { pieceBytes: 200_000 })
    expectWhole(outcome)
    const ranges = cdnRequests(outcome.fake).map(({ headers }) => headers.range)
    expect(ranges).toEqual([undefined, 'bytes=1000-99999', 'bytes=2000-99999', 'bytes=3000-99999'])
    // Each got further, so none counts as a second failure.
    expect(outcome.fake.clock.waits).toEqual([1000, 1000, 1000])
    const vain = await fetchFrom(() => ({ drop: 0 }), { pieceBytes: 200_000 })
    expect(vain.error?.code).toBe('network-failed')
    expect(vain.fake.clock.waits).toEqual([1000, 2000, 4000, 8000, 16_000])
  })

  it.each([
    ['hangs', { hang: 500 }],
    ['drips', { drip: true as const }],
  ])('gives up a connection that %s for another one', async (_, odd) => {
    const outcome = await fetchFrom((index) => (index === 0 ? odd : null), { pieceBytes: 200_000 })
    expectWhole(outcome)
    expect(outcome.fake.clock.waits).toEqual([1000])
  })

  it('waits as long as a busy server asks, and tells a person instead of waiting for hours', async () => {
    const busy =
      (wait: string): Behaviour =>
      (index) =>
        index === 0 ? { status: 429, headers: { 'retry-after': wait } } : null
    const outcome = await fetchFrom(busy('37'), { pieceBytes: 200_000 })
    expectWhole(outcome)
    expect(outcome.fake.clock.waits).toEqual([37_000])
    const { error } = await fetchFrom(busy('7200'), { pieceBytes: 200_000 })
    expect(error).toMatchObject({ code: 'hub-busy', details: { waitMs: 7_200_000 } })
    const later = await fetchFrom((index) => (index === 0 ? { status: 503 } : null), { pieceBytes: 200_000 })
    expectWhole(later)
  })

  it('fetches wrong bytes once more, and refuses them the second time', async () => {
    expectWhole(await fetchFrom((index) => (index === 0 ? { bytes: others } : null)))
    const { error, target } = await fetchFrom(() => ({ bytes: others }))
    expect(error).toMatchObject({ code: 'download-invalid', details: { name: 'model.gguf' } })
    expect(readdirSync(join(target, '..'))).toEqual([])
  })

  it.each([
    ['is shorter than promised', { bytes: bytes.subarray(0, 99_000) }],
    ['is longer than promised', { bytes: Buffer.concat([bytes, bytes]) }],
    ['never ends', { more: 10 }],
    ['is not the range that was asked for', { wrongRange: true as const }],
    ['leads to an address without encryption', { redirect: 'http://elsewhere.example/model.gguf' }],
    ['leads to a file of this computer', { redirect: 'file:///etc/passwd' }],
    ['leads on for ever', { redirect: `${cdn}/someone/tiny/model.gguf` }],
  ])('refuses an answer that %s', async (_, odd) => {
    const { error, target } = await fetchFrom(() => odd)
    expect(error?.code).toBe('download-invalid')
    expect(existsSync(target)).toBe(false)
  })

  it('begins again where the file changed while it was fetched', async () => {
    const outcome = await fetchFrom((index) => (index === 3 ? { bytes, etag: '"second"' } : null))
    expectWhole(outcome)
    const { error } = await fetchFrom((index) => ({ bytes, etag: `"${index}"` }))
    expect(error).toMatchObject({ code: 'download-invalid' })
  })

  it('takes the whole file from a server that knows no ranges', async () => {
    expectWhole(await fetchFrom(() => ({ ignoresRange: true })))
  })

  it('keeps what came when it is stopped, and fetches only the rest later', async () => {
    const fake = await openFakeHub({ 'someone/tiny': { files: { 'model.gguf': bytes } } })
    const target = join(temporaryFolder(), 'model.gguf')
    const person = new AbortController()
    fake.behave((index) => {
      if (index < pieceCount - 1) return null
      setImmediate(() => person.abort())
      return { hang: 100 }
    })
    expect((await attempt(fake, target, { signal: person.signal }))?.code).toBe('cancelled')
    expect(readdirSync(join(target, '..')).toSorted()).toEqual(['model.gguf.part', 'model.gguf.part.json'])
    fake.behave(() => null)
    const before = cdnRequests(fake).length
    expectWhole({ target, error: await attempt(fake, target) })
    // The piece that hung, and those that the others were at.
    expect(cdnRequests(fake).length - before).toBeLessThanOrEqual(4)
  })

  it('does not go on with what came of another file, or with a damaged note about it', async () => {
    const fake = await openFakeHub({ 'someone/tiny': { files: { 'model.gguf': bytes } } })
    for (const note of [
      'torn',
      '{"version":1}',
      JSON.stringify({ version: 1, byteLength: 100_000, done: [1e9] }),
    ]) {
      const target = join(temporaryFolder(), 'model.gguf')
      writeFileSync(`${target}.part`, others)
      writeFileSync(`${target}.part.json`, note)
      expectWhole({ target, error: await attempt(fake, target) })
    }
  })

  it('writes over nothing', async () => {
    const target = join(temporaryFolder(), 'model.gguf')
    writeFileSync(target, 'mine')
    const { error, fake } = await fetchFrom(() => null, { target })
    expect(error?.code).toBe('file-exists')
    expect(readFileSync(target, 'utf8')).toBe('mine')
    expect(fake.seen).toEqual([])
  })

  it('is made by one program at a time', async () => {
    const target = join(temporaryFolder(), 'model.gguf')
    writeFileSync(`${target}.part.lock`, String(process.ppid))
    const { error } = await fetchFrom(() => null, { target })
    expect(error).toMatchObject({ code: 'run-locked', details: { pid: process.ppid } })
  })

  it('sends nothing while the network is switched off, not even after it began', async () => {
    const off = await fetchFrom(() => null, { isOffline: () => true })
    expect([off.error?.code, off.fake.seen]).toEqual(['network-off', []])
    let isOffline = false
    const later = await fetchFrom(
      () => {
        isOffline = true
        return { drop: 10 }
      },
      { pieceBytes: 200_000, isOffline: () => isOffline },
    )
    expect(later.error?.code).toBe('network-off')
    expect(cdnRequests(later.fake)).toHaveLength(1)
  })
})
