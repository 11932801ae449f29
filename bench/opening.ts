import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { spreadOf, type Spread } from './machine.js'
import { sharedFiles, sst2 } from './sst2.js'

const command = fileURLToPath(new URL('../../bin/zerotune.js', import.meta.url))

/** From the command typed to the loss of a first row: the program, the model, the tokenizer, one forward pass. */
export interface OpeningResult {
  readonly firstLossMs: Spread
  readonly limitMs: number
  /** Of `zerotune --version`: the program alone. */
  readonly programMs: Spread
}

/** Starts the command line `repeats` times; the first start, which reads the files from disk, is counted too. */
export async function measureOpening(repeats: number): Promise<OpeningResult> {
  const { model, train } = sharedFiles()
  const folder = mkdtempSync(join(tmpdir(), 'zerotune-opening-'))
  const row = join(folder, 'row.tsv')
  writeFileSync(row, readFileSync(train, 'utf8').split('\n').slice(0, 2).join('\n'))
  const { prompt, labelColumn, labels } = sst2
  const task = ['--prompt', prompt, '--label-column', labelColumn, '--labels', JSON.stringify(labels)]
  const firstLossMs: number[] = []
  const programMs: number[] = []
  try {
    for (let repeat = 0; repeat < repeats; repeat++) {
      programMs.push(await timed(['--version']))
      firstLossMs.push(await timed(['eval', model, '--data', row, ...task, '--json']))
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  return { firstLossMs: spreadOf(firstLossMs), limitMs: 2000, programMs: spreadOf(programMs) }
}

async function timed(args: readonly string[]): Promise<number> {
  const started = performance.now()
  await promisify(execFile)(process.execPath, [command, ...args])
  return performance.now() - started
}
