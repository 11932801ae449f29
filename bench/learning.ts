import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TrainEvent } from '../core/schema/events.js'
import { spreadOf, type Spread } from './machine.js'
import { runTraining } from './run-cli.js'
import { sharedFiles, sst2 } from './sst2.js'

/** One run of a recipe: dev figures at the evaluations, and what it took. */
export interface LearningRun {
  readonly seed: number
  readonly curve: readonly { forwardPasses: number; loss: number; accuracy: number | null }[]
  readonly bestAccuracy: number
  readonly finalAccuracy: number
  readonly stepMs: number
  readonly peakBytes: number
}

export interface LearningResult {
  readonly recipe: string
  readonly forwardPasses: number
  readonly runs: readonly LearningRun[]
  readonly before: number
  /** Dev accuracy at the state that the run ends on. */
  readonly accuracy: Spread
  readonly peakBytes: Spread
}

/** Few, so that the best of them is hardly better by chance than the last, and because one costs fifty steps' time. */
const evaluations = 5

/** Steps that cost about `passes` forward passes of a batch, the feature cache included. */
export function stepsFor(passes: number): number {
  const cache = sst2.rows / sst2.batchSize / 2
  return Math.floor(passes - cache)
}

/** Trains the default recipe once for each seed, up to `passes` forward passes, through the command line. */
export async function measureLearning(
  passes: number,
  seeds: readonly number[],
  report: (line: string) => void,
): Promise<LearningResult> {
  const steps = stepsFor(passes)
  const runs: LearningRun[] = []
  let forwardPasses = 0
  let before = 0
  for (const seed of seeds) {
    const events = await trainOnce(seed, steps, report)
    const end = events.find((event) => event.type === 'end')
    if (end === undefined) throw new Error('the run did not end')
    forwardPasses = end.forwardPasses
    before = end.before.accuracy ?? 0
    runs.push(runOf(seed, events, end))
  }
  return {
    recipe: 'qzo-rows',
    forwardPasses,
    runs,
    before,
    accuracy: spreadOf(runs.map(({ bestAccuracy }) => bestAccuracy)),
    peakBytes: spreadOf(runs.map(({ peakBytes }) => peakBytes)),
  }
}

async function trainOnce(seed: number, steps: number, report: (line: string) => void): Promise<TrainEvent[]> {
  const { model, train, dev } = sharedFiles()
  const folder = mkdtempSync(join(tmpdir(), 'zerotune-bench-'))
  try {
    return await runTraining(
      [
        ...['train', model, '--data', train, '--dev', dev, '--rows', String(sst2.rows)],
        ...['--recipe', 'qzo-rows'],
        ...[
          '--prompt',
          sst2.prompt,
          '--label-column',
          sst2.labelColumn,
          '--labels',
          JSON.stringify(sst2.labels),
        ],
        ...['--steps', String(steps), '--batch', String(sst2.batchSize), '--seed', String(seed)],
        ...['--eval-every', String(Math.ceil(steps / evaluations)), '--out', join(folder, 'run')],
      ],
      (event) => {
        if (event.type !== 'evaluation') return
        const { step, loss, accuracy } = event
        report(
          `seed ${seed} step ${step}: dev loss ${loss.toFixed(4)} accuracy ${accuracy?.toFixed(4) ?? ''}`,
        )
      },
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function runOf(
  seed: number,
  events: readonly TrainEvent[],
  end: Extract<TrainEvent, { type: 'end' }>,
): LearningRun {
  const evaluations = events.filter((event) => event.type === 'evaluation')
  const steps = events.filter((event) => event.type === 'step')
  return {
    seed,
    curve: evaluations.map(({ forwardPasses, loss, accuracy }) => ({ forwardPasses, loss, accuracy })),
    bestAccuracy: end.after.accuracy ?? 0,
    finalAccuracy: evaluations.at(-1)?.accuracy ?? 0,
    stepMs: steps.at(-1)?.stepMs ?? 0,
    peakBytes: end.peakBytes,
  }
}
