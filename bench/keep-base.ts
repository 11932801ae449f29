import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sharedFiles } from './sst2.js'
import type { BenchTask } from './tasks.js'
import { trainOnTask } from './train-task.js'
import { perplexityOf, wikiText } from './wikitext.js'

/** What a task costs on other text, and what keeping to the base there saves. */
export interface KeepResult {
  readonly steps: number
  readonly textLines: number
  readonly basePerplexity: number
  readonly runs: readonly {
    /** Null without kept text. */
    readonly weight: number | null
    readonly accuracy: number
    readonly perplexity: number
    readonly stepMs: number
    readonly peakBytes: number
  }[]
}

/** Trains a task by exact row factors, without and with text to keep to the base on; measures other text before and after. */
export async function measureKeeping(
  task: BenchTask,
  { steps, seed, weights }: { steps: number; seed: number; weights: readonly (number | null)[] },
  report: (line: string) => void,
): Promise<KeepResult> {
  const folder = mkdtempSync(join(tmpdir(), 'zerotune-bench-'))
  try {
    const text = wikiText(folder)
    const base = await perplexityOf(sharedFiles().model, text.test)
    report(`before: perplexity ${base.perplexity.toFixed(2)}`)
    const runs: KeepResult['runs'][number][] = []
    for (const weight of weights) {
      const name = `weight-${weight}`
      const flags = weight === null ? [] : ['--keep-base', text.train, '--keep-weight', String(weight)]
      const run = { recipe: 'exact-rows', steps, evaluateEvery: steps, seed, folder, name, flags } as const
      const events = await trainOnTask(task, run)
      const end = events.findLast((event) => event.type === 'end')
      const stepMs = events.findLast((event) => event.type === 'step')?.stepMs ?? 0
      const { perplexity } = await perplexityOf(join(folder, name), text.test)
      const accuracy = end?.after.accuracy ?? 0
      report(
        `weight ${weight}: accuracy ${accuracy.toFixed(4)}, perplexity ${perplexity.toFixed(2)}, ${stepMs} ms`,
      )
      runs.push({ weight, accuracy, perplexity, stepMs, peakBytes: end?.peakBytes ?? 0 })
    }
    return { steps, textLines: base.n, basePerplexity: base.perplexity, runs }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
