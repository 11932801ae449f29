import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TrainEvent } from '../core/schema/events.js'
import { runTraining } from './run-cli.js'
import { sharedFiles } from './sst2.js'
import { wikiText } from './wikitext.js'

/** How 2-bit queries and values recover, in the same time, by exact gradients and by forward passes. */
export interface TwoBitsResult {
  readonly seconds: number
  readonly linears: string
  readonly runs: readonly {
    readonly recipe: string
    readonly learningRate: number
    readonly steps: number
    /** Of all steps, by the run's own clock. */
    readonly trainingSeconds: number
    readonly before: number
    readonly after: number
    readonly peakBytes: number
  }[]
}

/** Recipes and their learning rates: those of the recipe or the paper, and for ZeroQAT one that is bolder. */
const candidates = [
  ['exact-qat', 0.03],
  ['zeroqat', 1e-6],
  ['zeroqat', 1e-4],
] as const

/** Rounds queries and values to 2 bits and trains them on running text for so many seconds each. */
export async function measureTwoBits(
  seconds: number,
  linears: string,
  report: (line: string) => void,
): Promise<TwoBitsResult> {
  const folder = mkdtempSync(join(tmpdir(), 'zerotune-bench-'))
  try {
    const runs: TwoBitsResult['runs'][number][] = []
    for (const [recipe, learningRate] of candidates) {
      const name = `${recipe}-${learningRate}`
      const train = (out: string, steps: number): Promise<TrainEvent[]> =>
        trainTwoBits({ folder, out, recipe, learningRate, steps, linears })
      const calibration = lastStep(await train(`${name}-calibration`, 4))
      const steps = Math.max(1, Math.floor((1000 * seconds) / calibration.stepMs))
      const events = await train(name, steps)
      const evaluations = events.filter((event) => event.type === 'evaluation')
      const [before, after] = [evaluations[0], evaluations.at(-1)].map((one) => Math.exp(one?.loss ?? NaN))
      const { stepMs, peakBytes } = lastStep(events)
      const trainingSeconds = (steps * stepMs) / 1000
      report(
        `${name}: ${steps} steps in ${trainingSeconds.toFixed(0)} s, perplexity ${before.toFixed(2)} to ${after.toFixed(2)}`,
      )
      runs.push({ recipe, learningRate, steps, trainingSeconds, before, after, peakBytes })
    }
    return { seconds, linears, runs }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface TwoBitsRun {
  readonly folder: string
  readonly out: string
  readonly recipe: string
  readonly learningRate: number
  readonly steps: number
  readonly linears: string
}

function trainTwoBits({
  folder,
  out,
  recipe,
  learningRate,
  steps,
  linears,
}: TwoBitsRun): Promise<TrainEvent[]> {
  const { train, test } = wikiText(folder)
  return runTraining([
    ...['train', sharedFiles().model, '--data', train, '--dev', test, '--text', '{text}', '--skip-bad-rows'],
    ...['--recipe', recipe, '--bits', '2', '--linears', linears, '--learning-rate', String(learningRate)],
    ...['--steps', String(steps), '--batch', '4', '--eval-every', String(steps), '--out', join(folder, out)],
  ])
}

function lastStep(events: readonly TrainEvent[]): Extract<TrainEvent, { type: 'step' }> {
  const found = events.findLast((event) => event.type === 'step')
  if (found === undefined) throw new Error('the run took no step')
  return found
}
