import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { z } from 'zod'
import { runTraining } from './run-cli.js'
import { sharedFiles } from './sst2.js'

const command = fileURLToPath(new URL('../../bin/zerotune.js', import.meta.url))

const pairReport = z.object({ n: z.int(), margin: z.number(), accuracy: z.number() })

export interface ExamplesResult {
  readonly steps: number
  readonly pairSteps: number
  readonly peakBytes: number
  /** Held-out rows, and the share whose every token is the likeliest: the answer that the model writes. */
  readonly answers: { readonly rows: number; readonly before: number; readonly after: number }
  /** Held-out pairs, the mean nats by which the better reply gained on the worse, and the share where it did. */
  readonly pairs: { readonly rows: number; readonly margin: number; readonly preferred: number }
}

/** SmolLM2 on our own answers and preference pairs, before and after exact row factors. */
export async function measureExamples(
  { steps, pairSteps, seed }: { steps: number; pairSteps: number; seed: number },
  report: (line: string) => void,
): Promise<ExamplesResult> {
  const folder = mkdtempSync(join(tmpdir(), 'zerotune-bench-'))
  try {
    const answerTask = ['--prompt', '{question}\\nAnswer:', '--answer', ' {answer}']
    const pairTask = ['--prompt', '{message}\\nReply:', '--chosen', ' {better}', '--rejected', ' {worse}']
    const answers = await trainOn('answers', answerTask, join(folder, 'answers'), steps, seed)
    const [before, after] = [answers.before.accuracy ?? 0, answers.after.accuracy ?? 0]
    report(`answers: exact match ${before.toFixed(4)} before, ${after.toFixed(4)} after ${steps} steps`)
    const run = join(folder, 'pairs')
    const { peakBytes } = await trainOn('pairs', pairTask, run, pairSteps, seed)
    const pairs = pairReport.parse(await evaluated(run))
    report(`pairs: margin ${pairs.margin.toFixed(2)} nats after ${pairSteps} steps, from 0`)
    return {
      ...{ steps, pairSteps },
      peakBytes: Math.max(answers.peakBytes, peakBytes),
      answers: { rows: answers.after.examples, before, after },
      pairs: { rows: pairs.n, margin: pairs.margin, preferred: pairs.accuracy },
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function trainOn(name: string, task: readonly string[], out: string, steps: number, seed: number) {
  const rows = (part: string): string => resolve('resources', 'examples', `${name}-${part}.tsv`)
  const events = await runTraining([
    ...['train', sharedFiles().model, '--data', rows('train'), '--dev', rows('dev'), ...task],
    ...['--recipe', 'exact-rows', '--steps', String(steps), '--eval-every', String(Math.ceil(steps / 4))],
    ...['--seed', String(seed), '--out', out],
  ])
  const end = events.find((event) => event.type === 'end')
  if (end === undefined) throw new Error('the run did not end')
  return end
}

/** The run's own dev rows at its best state. */
async function evaluated(run: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, [command, 'eval', run, '--json'])
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
}
