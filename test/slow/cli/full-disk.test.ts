import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCommand } from '../../support/command-line.js'
import { mountSmallDisk } from '../../support/small-disk.js'
import { temporaryFolder } from '../../support/temporary-folder.js'
import { writeTinyFiles } from '../../support/tiny-files.js'

const canMount = process.platform === 'linux' && process.getuid?.() === 0

/** A disk of this size; the test cannot go on without it. */
function smallDisk(kibibytes: number): string {
  const disk = mountSmallDisk(kibibytes)
  if (disk === null) throw new Error('a small disk could not be mounted')
  return disk
}

function trainArguments(out: string): string[] {
  const { model, data, task } = writeTinyFiles(temporaryFolder())
  const steps = ['--steps', '120', '--batch', '8', '--eval-every', '20', '--features', 'direct']
  return ['train', model, ...data, ...task, ...steps, '--seed', '7', '--out', out]
}

describe.skipIf(!canMount)('a full disk (needs root on Linux, to mount one)', () => {
  it('stops a run with one sentence; with room again it goes on to the same bits', async () => {
    const free = join(temporaryFolder(), 'free')
    const args = trainArguments(free)
    expect((await runCommand(...args)).status).toBe(0)

    const disk = smallDisk(40)
    const full = join(disk, 'run')
    const stopped = await runCommand(...args.slice(0, -1), full)
    expect(stopped.errors).toMatch(/^zerotune: [^\n]*the disk is full[^\n]* \[file-unwritable\]\n$/)
    expect(stopped.status).toBe(1)
    expect(readdirSync(full).filter((name) => /tmp|lock/.test(name))).toEqual([])

    execFileSync('mount', ['-o', 'remount,size=4m', disk])
    expect(await runCommand('resume', full)).toMatchObject({ status: 0, errors: '' })
    for (const name of ['best.state', 'journal.jsonl']) {
      expect(readFileSync(join(full, name)).equals(readFileSync(join(free, name)))).toBe(true)
    }
  })

  it('leaves nothing of an export that does not fit', async () => {
    const run = join(temporaryFolder(), 'run')
    expect((await runCommand(...trainArguments(run))).status).toBe(0)
    const disk = smallDisk(16)
    for (const format of ['gguf', 'onnx']) {
      const outcome = await runCommand('export', run, '--format', format, '--out', join(disk, format))
      expect(outcome.errors).toMatch(/^zerotune: [^\n]+ \[file-unwritable\]\n$/)
      expect(outcome.status).toBe(1)
    }
    expect(readdirSync(disk)).toEqual([])
  })

  it('is told apart from a disk that may only be read', async () => {
    const disk = smallDisk(64)
    execFileSync('mount', ['-o', 'remount,ro', disk])
    const outcome = await runCommand(...trainArguments(join(disk, 'run')))
    expect(outcome.errors).toMatch(/^zerotune: [^\n]*read-only[^\n]* \[file-unwritable\]\n$/)
    expect(outcome.status).toBe(1)
  })
})
