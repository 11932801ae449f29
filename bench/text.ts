import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RecipeName } from '../core/schema/recipe.js'
import { exactByDefault } from '../core/training/plan-run.js'
import { measureLoraText } from './peer.js'
import { runTraining } from './run-cli.js'
import { sharedFiles } from './sst2.js'
import type { BenchRows } from './tasks.js'
import { wikiText } from './wikitext.js'

/** One method on running text. */
export interface TextRun {
  readonly method: RecipeName | 'lora-pytorch'
  /** Perplexity of the text that is measured on. */
  readonly before: number
  readonly after: number
  readonly stepMs: number
  readonly peakBytes: number | null
}

/** WikiText-2, trained on its validation part and measured on the beginning of its test part, at equal steps. */
export interface TextResult {
  readonly steps: number
  readonly batchSize: number
  readonly runs: readonly TextRun[]
}

export interface TextSettings {
  readonly steps: number
  readonly batchSize: number
  readonly seed: number
}

/** LoRA here, the default recipe here, and LoRA in PyTorch, on the same batches of running text. */
export async function measureText(
  settings: TextSettings,
  report: (line: string) => void,
): Promise<TextResult> {
  const { steps, batchSize, seed } = settings
  const folder = mkdtempSync(join(tmpdir(), 'zerotune-bench-'))
  try {
    const { train, test } = wikiText(folder)
    const rows: BenchRows = {
      task: { version: 1, kind: 'text', text: '{text}' },
      ...{ train, dev: test, rows: Infinity, batchSize },
    }
    const runs: TextRun[] = []
    const add = (run: TextRun): void => {
      report(
        `WikiText-2, ${run.method}: perplexity ${run.before.toFixed(2)} to ${run.after.toFixed(2)}, ${run.stepMs.toFixed(0)} ms a step`,
      )
      runs.push(run)
    }
    for (const recipe of ['exact-lora', exactByDefault] as const) {
      add(await trainHere(rows, recipe, settings, join(folder, recipe)))
    }
    const peer = await measureLoraText(rows, { seed, steps, evaluateEvery: steps })
    const [before, after] = [peer.evaluations[0], peer.evaluations[peer.evaluations.length - 1]]
    add({
      method: 'lora-pytorch',
      before: Math.exp(before.devLoss),
      after: Math.exp(after.devLoss),
      stepMs: 1000 * peer.stepSecondsMean,
      peakBytes: peer.peakBytes,
    })
    return { steps, batchSize, runs }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function trainHere(
  { train, dev, batchSize }: BenchRows,
  recipe: RecipeName,
  { steps, seed }: TextSettings,
  out: string,
): Promise<TextRun> {
  const events = await runTraining([
    ...['train', sharedFiles().model, '--data', train, '--dev', dev, '--text', '{text}', '--skip-bad-rows'],
    ...['--recipe', recipe, '--steps', String(steps), '--batch', String(batchSize), '--seed', String(seed)],
    ...['--eval-every', String(steps), '--out', out],
  ])
  const losses = events.flatMap((event) => (event.type === 'evaluation' ? [event.loss] : []))
  const { stepMs = 0 } = events.findLast((event) => event.type === 'step') ?? {}
  const { peakBytes = null } = events.findLast((event) => event.type === 'end') ?? {}
  return {
    method: recipe,
    before: Math.exp(losses[0]),
    after: Math.exp(losses[losses.length - 1]),
    stepMs,
    peakBytes,
  }
}
