import { join } from 'node:path'
import { GradientEngine } from '../core/engine/gradient-engine.js'
import type { TokenSampling } from '../core/engine/token-sampling.js'
import { forgetPeakMemory, measureMemory } from '../core/memory/measure.js'
import { linearNames, type LinearName } from '../core/model/description.js'
import { createPart } from '../core/parameters/create-part.js'
import { PartSet } from '../core/parameters/part-set.js'
import type { TrainedPartSettings } from '../core/schema/trained-part.js'
import { spreadOf, type Machine, type Spread } from './machine.js'
import { openForward } from './open-forward.js'
import { benchRows } from './peer.js'
import { measuredOn, readResult } from './result-text.js'
import { measureVariance, type VarianceResult } from './sampled-variance.js'
import type { BenchTask } from './tasks.js'

/** What weight gradients cost in a sweep of exact gradients: the most that computing them from some tokens could save. */
export interface WeightGradientCost {
  readonly trained: string
  /** Of a step's gradients, weight gradients included. */
  readonly stepMs: Spread
  /** What they take of it, against the same sweep without them. */
  readonly share: Spread
  /** What it takes less where they come from `sampledShare` of the tokens. */
  readonly saved: Spread
  /** What the process holds more at its peak with them, of tensors that sampling keeps: the gradients themselves left out. */
  readonly besideBytes: number
}

export interface SampledResult {
  readonly batches: number
  readonly costs: readonly WeightGradientCost[]
  readonly variance: VarianceResult
}

const branches = (rank: number, linears: readonly LinearName[]): TrainedPartSettings => ({
  ...{ kind: 'low-rank', rank, alpha: 2 * rank, isRankStabilized: false, seed: 1 },
  linears: [...linears],
})
const masters = (linears: readonly LinearName[]): TrainedPartSettings => ({
  ...{ kind: 'master-weights', bits: 4, trainsGrid: false, softRounding: null },
  linears: [...linears],
})
const sampledShare = 0.3
const queriesAndValues = ['attn_q', 'attn_v'] as const

const cases: readonly (readonly [string, TrainedPartSettings])[] = [
  ['branches of rank 8, queries and values', branches(8, queriesAndValues)],
  ['branches of rank 32, every linear', branches(32, linearNames)],
  ['master weights, queries and values', masters(queriesAndValues)],
  ['master weights, every linear', masters(linearNames)],
  ['block scales', { kind: 'scales' }],
]

/** Times sweeps with and without weight gradients, in turn, and estimates these from chosen tokens. */
export async function measureSampledGradients(
  task: BenchTask,
  batchCount: number,
  report: (line: string) => void,
): Promise<SampledResult> {
  const { model, dataset, batches } = benchRows(task, 42)
  const forward = openForward(model, dataset.objective, 0)
  const engine = new GradientEngine(forward)
  const layers = { firstLayer: 0, endLayer: model.description.layerCount }
  const costs: WeightGradientCost[] = []
  for (const [trained, part] of cases) {
    const parameters = new PartSet([createPart(part, model, layers)])
    const overrides = parameters.overrides()
    const sweep = async (
      index: number,
      wanted: (layer: number) => readonly string[],
      sampling: TokenSampling | null = null,
    ) => {
      forgetPeakMemory()
      const { residentBytes } = measureMemory()
      const started = performance.now()
      await engine.gradients(batches.at(index), overrides, wanted, () => undefined, { sampling })
      return { ms: performance.now() - started, bytes: measureMemory().peakBytes - residentBytes }
    }
    const [withThem, without, sampled]: Awaited<ReturnType<typeof sweep>>[][] = [[], [], []]
    for (let index = 0; index <= batchCount; index++) {
      const ofAll = (layer: number): readonly string[] => parameters.wanted(layer)
      const [one, other, third] = [
        await sweep(index, ofAll),
        await sweep(index, (layer) => (layer === 0 ? ['hidden'] : [])),
        await sweep(index, ofAll, { share: sampledShare, seed: index }),
      ]
      // The first batch opens the sessions.
      if (index === 0) continue
      withThem.push(one)
      without.push(other)
      sampled.push(third)
    }
    const cost = {
      trained,
      stepMs: spreadOf(withThem.map(({ ms }) => ms)),
      share: spreadOf(withThem.map(({ ms }, index) => 1 - without[index].ms / ms)),
      saved: spreadOf(withThem.map(({ ms }, index) => 1 - sampled[index].ms / ms)),
      besideBytes: spreadOf(withThem.map(({ bytes }, index) => bytes - without[index].bytes)).median,
    }
    report(
      `${trained}: ${percent(cost.share.median)} of ${cost.stepMs.median.toFixed(0)} ms, ${percent(cost.saved.median)} saved`,
    )
    costs.push(cost)
  }
  await engine.close()
  const variance = await measureVariance(
    { ...forward, batches, batchCount, layers: [3, 14, 26], shares: [0.1, 0.3, 0.5] },
    report,
  )
  await forward.runner.close()
  return { batches: batchCount, costs, variance }
}

/** The two tables of sampled weight gradients in docs/training.md. */
export function sampledTable(folder: string): string {
  const found = readResult(join(folder, 'sampled.json')) as (SampledResult & { machine: Machine }) | null
  if (found === null) return ''
  const { costs, variance, batches, machine } = found
  return [
    `SmolLM2-135M, SST-2, ${batches} batches of 16; ${measuredOn(machine)}.`,
    '',
    `| trained | gradients of a batch | of which weight gradients | saved with ${percent(sampledShare)} of the tokens | memory for them beside |`,
    '|---|---|---|---|---|',
    ...costs.map(
      ({ trained, stepMs, share, saved, besideBytes }) =>
        `| ${trained} | ${stepMs.median.toFixed(0)} ms | ${spreadText(share)} | ${spreadText(saved)} of the time | ${(besideBytes / 1e6).toFixed(0)} MB |`,
    ),
    '',
    `Variance of a weight gradient in parts of its squared norm (\`${variance.linear}\` of layers ${variance.layers.join(', ')}); the batch's own, from one batch to the next, is ${variance.ofBatches.mean.toFixed(2)}:`,
    '',
    `| tokens | ${variance.shares.map(percent).join(' | ')} |`,
    `|---|${variance.shares.map(() => '---').join('|')}|`,
    `| variance by sampling | ${variance.ofSampling.map(({ mean }) => mean.toPrecision(2)).join(' | ')} |`,
  ].join('\n')
}

/** Median and extremes. */
function spreadText({ median, min, max }: Spread): string {
  return `${percent(median)} (${percent(min)} to ${percent(max)})`
}

function percent(part: number): string {
  return `${(100 * part).toFixed(0)} %`
}
