import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RecipeName } from '../core/schema/recipe.js'
import { spreadOf, type Spread } from './machine.js'
import type { BenchTask } from './tasks.js'
import { trainOnTask, type TaskRun } from './train-task.js'

/** Dev figures after so many steps and seconds of training, evaluations left out. */
export interface CurvePoint {
  readonly step: number
  readonly seconds: number
  readonly loss: number
  readonly accuracy: number
}

export interface ExactRun {
  readonly seed: number
  readonly curve: readonly CurvePoint[]
  readonly stepMs: number
  readonly peakBytes: number
}

/** Runs of a recipe on a task: what it reaches, in what time and at what memory. */
export interface ExactResult {
  readonly task: string
  readonly recipe: RecipeName
  readonly steps: number
  readonly batchSize: number
  readonly devRows: number
  readonly runs: readonly ExactRun[]
  readonly before: number
  /** At the last step. */
  readonly final: Spread
  readonly peakBytes: Spread
}

export interface ExactSettings {
  readonly recipe: RecipeName
  readonly steps: number
  readonly evaluateEvery: number
  readonly seeds: readonly number[]
}

/** Trains a recipe once for each seed through the command line, in a process of its own. */
export async function measureExact(
  task: BenchTask,
  { recipe, steps, evaluateEvery, seeds }: ExactSettings,
  report: (line: string) => void,
): Promise<ExactResult> {
  const runs: ExactRun[] = []
  let devRows = 0
  for (const seed of seeds) {
    const run = await trainOnce(task, { recipe, steps, evaluateEvery, seed }, report)
    devRows = run.devRows
    runs.push(run)
  }
  return {
    task: task.name,
    recipe,
    steps,
    batchSize: task.batchSize,
    devRows,
    runs,
    before: runs[0].curve[0].accuracy,
    final: spreadOf(runs.map(({ curve }) => curve.at(-1)?.accuracy ?? 0)),
    peakBytes: spreadOf(runs.map(({ peakBytes }) => peakBytes)),
  }
}

async function trainOnce(
  task: BenchTask,
  settings: Pick<TaskRun, 'recipe' | 'steps' | 'evaluateEvery' | 'seed'>,
  report: (line: string) => void,
): Promise<ExactRun & { devRows: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'zerotune-bench-'))
  const curve: CurvePoint[] = []
  let stepMs = 0
  let devRows = 0
  try {
    const events = await trainOnTask(task, { ...settings, folder }, (event) => {
      if (event.type === 'step') stepMs = event.stepMs
      if (event.type !== 'evaluation') return
      const { step, loss, accuracy, examples } = event
      devRows = examples
      curve.push({ step, seconds: (step * stepMs) / 1000, loss, accuracy: accuracy ?? 0 })
      const seconds = ((step * stepMs) / 1000).toFixed(0)
      report(
        `${task.name} seed ${settings.seed} step ${step} (${seconds} s): loss ${loss.toFixed(4)} accuracy ${(accuracy ?? 0).toFixed(4)}`,
      )
    })
    const end = events.find((event) => event.type === 'end')
    if (end === undefined) throw new Error('the run did not end')
    return { seed: settings.seed, curve, stepMs, peakBytes: end.peakBytes, devRows }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
