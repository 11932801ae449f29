import { describe, expect, it } from 'vitest'
import { isSafeName, readRepositoryName } from '../../../core/hub/file-name.js'
import { readEndpoint } from '../../../core/hub/hub.js'
import { describeRepository, searchRepositories } from '../../../core/hub/hub-api.js'
import { EngineError } from '../../../core/schema/engine-error.js'
import { caughtError } from '../../support/caught-error.js'
import { commit, openFakeHub, promised } from '../../support/fake-hub.js'
import { randomBytes } from '../../support/random-bytes.js'

const { signal } = new AbortController()
const files = {
  'a.gguf': randomBytes(2000, 1),
  'b.gguf': randomBytes(3000, 2),
  'README.md': Buffer.from('hello'),
}
const promise = { size: 5, oid: 'a'.repeat(40), type: 'file' }

async function failureOf(action: Promise<unknown>): Promise<EngineError> {
  const thrown = await action.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (thrown instanceof EngineError) return thrown as EngineError
  throw new Error(`expected an EngineError, found ${String(thrown)}`)
}

describe('the hub', () => {
  it('is searched for names, and what it says of each is read', async () => {
    const fake = await openFakeHub({
      'someone/tiny-model': { files },
      'other/thing': { files },
      '../../etc': { files },
    })
    expect(await searchRepositories(fake.open(), { kind: 'model', words: 'tiny' }, signal)).toEqual([
      { name: 'someone/tiny-model', downloads: 12, likes: 3, licence: 'apache-2.0', isGated: false },
    ])
    expect(await searchRepositories(fake.open(), { kind: 'model', words: '' }, signal)).toHaveLength(2)
    expect(fake.seen[0].address).toContain('/api/models?search=tiny&filter=gguf')
    await searchRepositories(fake.open(), { kind: 'dataset', words: 'thing' }, signal)
    expect(fake.seen.at(-1)?.address).toContain('/api/datasets?search=thing&sort=downloads')
  })

  it('lists the files of one commit, over several pages, with what it promises of them', async () => {
    const fake = await openFakeHub({ 'someone/tiny': { files } })
    const repository = await describeRepository(fake.open(), { kind: 'model', name: 'someone/tiny' }, signal)
    expect(repository).toMatchObject({ revision: commit, unsafeCount: 0, licence: 'apache-2.0' })
    expect(repository.files).toEqual(Object.entries(files).map(([path, bytes]) => promised(path, bytes)))
    expect(fake.seen.map(({ address }) => new URL(address).searchParams.get('cursor'))).toEqual([
      null,
      null,
      '2',
    ])
  })

  it.each([
    '../outside.gguf',
    'a/../../b.gguf',
    '/etc/passwd',
    'C:\\Windows\\a.gguf',
    'a\\..\\b.gguf',
    'con.gguf',
    'folder/NUL',
    'name.gguf.',
    'name.gguf ',
    'a\u202egnp.gguf',
    'a\0b.gguf',
    'a:b.gguf',
    '',
    'a//b.gguf',
    '.hidden/x.gguf',
  ])('does not list a file that could leave its folder, or be another on some system: %j', async (path) => {
    expect(isSafeName(path)).toBe(false)
    const fake = await openFakeHub({ 'someone/tiny': { files, odd: [{ ...promise, path }] } })
    const repository = await describeRepository(fake.open(), { kind: 'model', name: 'someone/tiny' }, signal)
    expect(repository.unsafeCount).toBe(1)
    expect(repository.files).toHaveLength(3)
  })

  it('says what is missing where it lets nobody in, and lets in who has a token', async () => {
    const fake = await openFakeHub({ 'someone/gated': { files, gated: true } })
    const ask = (name: string, token: string | null) =>
      describeRepository(fake.open({ token }), { kind: 'model', name }, signal)
    expect(await failureOf(ask('someone/gated', null))).toMatchObject({
      code: 'hub-denied',
      details: { hasToken: false },
    })
    expect(await failureOf(ask('someone/gated', 'hf_bad'))).toMatchObject({ details: { hasToken: true } })
    expect(await failureOf(ask('someone/nothing', null))).toMatchObject({ code: 'hub-not-found' })
    expect(await ask('someone/gated', 'hf_good')).toMatchObject({ isGated: true })
  })

  it('is not asked while the network is switched off', async () => {
    const fake = await openFakeHub({ 'someone/tiny': { files } })
    const hub = fake.open({ isOffline: () => true })
    expect((await failureOf(searchRepositories(hub, { kind: 'model', words: 'tiny' }, signal))).code).toBe(
      'network-off',
    )
    expect(fake.seen).toEqual([])
  })

  it('is refused where it answers something else, or without end', async () => {
    const fake = await openFakeHub({ 'someone/tiny': { files } })
    const answering = (response: () => Response) => fake.open({ send: () => Promise.resolve(response()) })
    const ask = (response: () => Response) =>
      failureOf(searchRepositories(answering(response), { kind: 'model', words: 'tiny' }, signal))
    expect((await ask(() => new Response('<html>'))).code).toBe('download-invalid')
    expect((await ask(() => new Response('{"models":[]}'))).code).toBe('download-invalid')
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1 << 20)) })
    expect((await ask(() => new Response(endless))).message).toMatch(/longer than/)
    expect(fake.clock.waits).toEqual([])
  })

  it('that cannot be reached is asked six times, then named', async () => {
    const fake = await openFakeHub({})
    const hub = fake.open({
      send: () => Promise.reject(new TypeError('fetch failed', { cause: new Error('no route') })),
    })
    const error = await failureOf(searchRepositories(hub, { kind: 'model', words: 'tiny' }, signal))
    expect(error).toMatchObject({ code: 'network-failed', details: { reason: 'no route' } })
    expect(fake.clock.waits).toEqual([1000, 2000, 4000, 8000, 16_000])
  })
})

describe('the address of a hub', () => {
  it.each([
    ['https://huggingface.co/', 'https://huggingface.co'],
    ['https://mirror.example/hf', 'https://mirror.example/hf'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
  ])('may be %s', (text, endpoint) => {
    expect(readEndpoint(text)).toBe(endpoint)
  })

  it.each([
    'http://mirror.example',
    'ftp://mirror.example',
    'mirror.example',
    'https://me:pw@mirror.example',
    '',
  ])('may not be %j', (text) => {
    expect(caughtError(() => readEndpoint(text)).code).toBe('request-invalid')
  })
})

describe('the name of a repository', () => {
  it.each([
    ['someone/tiny', { name: 'someone/tiny', file: null }],
    ['someone/tiny:Q4_K_M', { name: 'someone/tiny', file: 'Q4_K_M' }],
    ['https://huggingface.co/someone/tiny', { name: 'someone/tiny', file: null }],
    ['https://huggingface.co/datasets/someone/rows/tree/main', { name: 'someone/rows', file: null }],
    ['hf.co/someone/tiny:a/b.gguf', { name: 'someone/tiny', file: 'a/b.gguf' }],
  ])('is read from %s', (text, expected) => {
    expect(readRepositoryName(text)).toEqual(expected)
  })

  it.each(['tiny', '../tiny', 'a/..', 'a/b/c', 'https://evil.example/a/b', 'con/tiny', 'a/b?x=1'])(
    'is not %j',
    (text) => {
      expect(caughtError(() => readRepositoryName(text)).code).toBe('request-invalid')
    },
  )
})
