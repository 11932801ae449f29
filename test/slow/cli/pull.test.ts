import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openFakeHub, type FakeHub } from '../../support/fake-hub.js'
import { randomBytes } from '../../support/random-bytes.js'
import { mountSmallDisk } from '../../support/small-disk.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

const program = resolve(import.meta.dirname, '../../../bin/zerotune.js')
const pieceBytes = 16 * 2 ** 20
/** Three pieces, of which any can come first. */
const pieces = [pieceBytes, pieceBytes, pieceBytes / 2]
const bytes = randomBytes(2.5 * pieceBytes, 3)
const canMount = process.platform === 'linux' && process.getuid?.() === 0

const openHub = (): Promise<FakeHub> =>
  openFakeHub({ 'someone/large': { files: { 'large-Q4_0.gguf': bytes } } }, { isOneHost: true })

/** Starts `zerotune pull` as a person would. */
function startPull(fake: FakeHub, home: string) {
  const environment = { PATH: process.env.PATH, HOME: home, ZEROTUNE_HOME: home, HF_ENDPOINT: fake.endpoint }
  const child = spawn(process.execPath, [program, 'pull', 'someone/large', '--json'], { env: environment })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  let errors = ''
  child.stdout.on('data', (text) => (output += String(text)))
  child.stderr.on('data', (text) => (errors += String(text)))
  const ended = new Promise<{ status: number | null; output: string; errors: string }>((keep) => {
    child.on('close', (status) => keep({ status, output, errors }))
  })
  return { child, ended }
}

describe('a download', () => {
  it('goes on after kill -9 with what had been written down, and after Ctrl-C says how', async () => {
    const fake = await openHub()
    const home = temporaryFolder()
    const folder = join(home, 'models/someone/large')
    fake.behave((index) => (index === 0 ? null : { hang: 1000 }))
    const killed = startPull(fake, home)
    await stateWith(folder, (done, piece) => done === pieces[piece])
    killed.child.kill('SIGKILL')
    await killed.ended
    expect(readdirSync(join(home, 'models/.downloads'))).toHaveLength(1)

    const sent: string[] = []
    fake.behave((index) => {
      sent.push(String(index))
      return { hang: 1000 }
    })
    const interrupted = startPull(fake, home)
    await until(() => sent.length === 2)
    interrupted.child.kill('SIGINT')
    const { status, errors } = await interrupted.ended
    expect(status).toBe(1)
    expect(errors).toMatch(
      /^zerotune: stopped; [\d.]+ MB of 41.9 MB are kept, .*zerotune pull someone\/large \[cancelled\]\n$/,
    )

    sent.length = 0
    fake.behave((index) => {
      sent.push(String(index))
      return null
    })
    const whole = await startPull(fake, home).ended
    expect(whole).toMatchObject({ status: 0, errors: '' })
    expect(readFileSync(join(folder, 'large-Q4_0.gguf')).equals(bytes)).toBe(true)
    // The first piece came before the kill.
    expect(sent).toHaveLength(2)
    expect(readdirSync(folder)).toEqual(['large-Q4_0.gguf'])
    expect(readdirSync(join(home, 'models/.downloads'))).toEqual([])
  })

  it.skipIf(!canMount)(
    'needs room before it begins, and survives a disk that fills meanwhile (needs root)',
    async () => {
      const fake = await openHub()
      const small = smallDisk(48 * 1024)
      const refused = await startPull(fake, small).ended
      expect(refused.errors).toMatch(/needs \d+ bytes more, and the disk has \d+ free \[space-missing\]/)
      expect(readdirSync(join(small, 'models'))).toEqual(['.downloads'])

      const disk = smallDisk(84 * 1024)
      fake.behave((index) => (index === 0 ? { hang: 1000 } : null))
      const first = startPull(fake, disk)
      await stateWith(join(disk, 'models/someone/large'), (done) => done >= pieceBytes / 2)
      first.child.kill('SIGKILL')
      await first.ended
      // Room for what is missing, as the check before the start sees it, but not for long.
      const filler = join(disk, 'filler')
      fake.behave((index) => {
        if (index === 0) fill(filler)
        return null
      })
      const full = await startPull(fake, disk).ended
      expect(full.errors).toMatch(/the disk is full.*\[file-unwritable\]/)
      writeFileSync(filler, '')
      fake.behave(() => null)
      expect(await startPull(fake, disk).ended).toMatchObject({ status: 0, errors: '' })
      expect(readFileSync(join(disk, 'models/someone/large/large-Q4_0.gguf')).equals(bytes)).toBe(true)
    },
  )
})

function smallDisk(kibibytes: number): string {
  const disk = mountSmallDisk(kibibytes)
  if (disk === null) throw new Error('a small disk could not be mounted')
  return disk
}

/** Takes all that is left of a disk. */
function fill(path: string): void {
  try {
    for (;;) writeFileSync(path, Buffer.alloc(2 ** 20), { flag: 'a' })
  } catch {
    // Full.
  }
}

/** Waits until a download has written down that it has enough bytes of one piece. */
function stateWith(folder: string, isEnough: (done: number, piece: number) => boolean): Promise<void> {
  return until(() => {
    try {
      const text = readFileSync(join(folder, 'large-Q4_0.gguf.part.json'), 'utf8')
      const { done } = JSON.parse(text) as { done: number[] }
      return done.some(isEnough)
    } catch {
      return false
    }
  })
}

const longestWait = 60_000

async function until(isDone: () => boolean): Promise<void> {
  const started = Date.now()
  while (!isDone()) {
    if (Date.now() - started > longestWait) throw new Error('what the test waits for did not come')
    await new Promise((resume) => setTimeout(resume, 20))
  }
}
