import { onTestFinished } from 'vitest'
import type {
  Example,
  LabelExample,
  Objective,
  PairExample,
  SequenceExample,
} from '../../core/data/example.js'
import { BlockRunner, type BlockOverride } from '../../core/engine/block-runner.js'
import {
  GradientEngine,
  type CollectGradients,
  type WantedInputs,
} from '../../core/engine/gradient-engine.js'
import type { KeptStates } from '../../core/engine/kept-states.js'
import type { LoadedModel } from '../../core/engine/loaded-model.js'
import { float32Tensor } from '../../core/engine/matrix-tensors.js'
import type { Overrides } from '../../core/engine/overrides.js'
import { directFeatures, Scorer } from '../../core/engine/scorer.js'
import { VocabularyHead } from '../../core/engine/vocabulary-head.js'
import { linearNames, linearShape, type ModelDescription } from '../../core/model/description.js'
import type { Device } from '../../core/runtime/device.js'
import type { Precision } from '../../core/schema/precision.js'
import { openCpuDevice } from '../../core/runtime/ort-device.js'
import { meanLoss } from '../../core/training/estimate.js'
import { randomNumbers } from './random-numbers.js'

/** Row factors of some layers, by layer and input name. */
export type FactorTable = ReadonlyMap<number, Readonly<Record<string, Float32Array>>>

/** Random row factors around 1 for layers `first` … `end` − 1. */
export function factorTable(model: ModelDescription, first: number, end: number): FactorTable {
  const random = randomNumbers(5)
  return new Map(
    Array.from({ length: end - first }, (_, index) => {
      const vectors = linearNames.map((name): [string, Float32Array] => [
        `${name}.rowFactors`,
        Float32Array.from({ length: linearShape(model, name).rows }, () => 1 + 0.2 * random.symmetric()),
      ])
      return [first + index, Object.fromEntries(vectors)]
    }),
  )
}

export function overridesOf(table: FactorTable): Overrides {
  return (layer): BlockOverride | null => {
    const vectors = table.get(layer)
    if (vectors === undefined) return null
    const tensors = Object.entries(vectors).map(([name, data]) => [
      name,
      float32Tensor(data, [1, 1, data.length]),
    ])
    return { factors: 'rows', tensors: Object.fromEntries(tensors) as BlockOverride['tensors'] }
  }
}

/** A model's loss on a batch, forward and differentiated. */
export interface DifferentiatedModel {
  readonly engine: GradientEngine
  readonly loss: (batch: readonly Example[], table: FactorTable) => Promise<number>
  /** The gradient of every factor of some layers, all of the table's unless said, and the mean loss. */
  readonly gradient: (
    batch: readonly Example[],
    table: FactorTable,
    layers?: readonly number[],
  ) => Promise<{ loss: number; gradient: FactorTable }>
  /** The mean divergence from the base at `table`, and the gradient of `weight` times it. */
  readonly divergence: (
    batch: readonly SequenceExample[],
    weight: number,
    table: FactorTable,
    layers?: readonly number[],
  ) => Promise<{ loss: number; gradient: FactorTable }>
}

export interface DifferentiateOptions {
  readonly tokensPerRun?: number
  readonly threads?: number
  /** The CPU with `threads` unless said. */
  readonly device?: Device
  readonly kept?: KeptStates
  readonly precision?: Precision
  readonly lossScale?: number
}

export function differentiate(
  model: LoadedModel,
  objective: Objective,
  options: DifferentiateOptions = {},
): DifferentiatedModel {
  const { tokensPerRun = 512, threads = 1, device = openCpuDevice({ threads }), kept } = options
  const { precision, lossScale = 1 } = options
  const runner = new BlockRunner(device, model, precision)
  const vocabularyHead = new VocabularyHead(device, model)
  const features = directFeatures(model, runner, 0)
  const forward = { model, runner, vocabularyHead, objective, features, tokensPerRun }
  const scorer = new Scorer(forward)
  const engine = new GradientEngine({ ...forward, device, ...(kept !== undefined && { kept }) })
  onTestFinished(async () => {
    await engine.close()
    await runner.close()
    await vocabularyHead.close()
  })
  return {
    engine,
    loss: async (batch, table) => meanLoss(await scorer.score(batch, overridesOf(table))),
    gradient: async (batch, table, layers = [...table.keys()]) => {
      const { gradient, wanted, collect } = gradientSum(table, layers)
      const scores = await engine.gradients(batch, overridesOf(table), wanted, collect, { lossScale })
      return { loss: meanLoss(scores), gradient }
    },
    divergence: async (batch, weight, table, layers = [...table.keys()]) => {
      const { gradient, wanted, collect } = gradientSum(table, layers)
      const overrides = overridesOf(table)
      const byToken = await engine.divergences(batch, weight, overrides, wanted, collect, { lossScale })
      return { loss: byToken.reduce((sum, each) => sum + each, 0) / byToken.length, gradient }
    },
  }
}

/** Adds up the gradients of the table's factors in some layers. */
function gradientSum(
  table: FactorTable,
  layers: readonly number[],
): { gradient: FactorTable; wanted: WantedInputs; collect: CollectGradients } {
  const gradient = new Map(layers.map((layer) => [layer, zeros(table.get(layer) ?? {})]))
  return {
    gradient,
    wanted: (layer) => Object.keys(gradient.get(layer) ?? {}),
    collect: (layer, gradients) => {
      for (const [name, sum] of Object.entries(gradient.get(layer) ?? {})) {
        gradients[name].forEach((value, i) => (sum[i] += value))
      }
    },
  }
}

function zeros(vectors: Readonly<Record<string, Float32Array>>): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(vectors).map(([name, { length }]) => [name, new Float32Array(length)]),
  )
}

/** Examples of the given lengths with random tokens below `vocabulary`. */
export function labelExamples(
  lengths: readonly number[],
  vocabulary: number,
  labels: number,
): LabelExample[] {
  const random = randomNumbers(11)
  return lengths.map((length, line) => ({
    kind: 'label',
    tokens: Int32Array.from({ length }, () => random.below(vocabulary)),
    label: random.below(labels),
    line,
  }))
}

/** Sequences of the given lengths whose tokens from the third on are scored, except every fourth. */
export function sequenceExamples(lengths: readonly number[], vocabulary: number): SequenceExample[] {
  const random = randomNumbers(12)
  return lengths.map((length, line) => ({
    kind: 'sequence',
    tokens: Int32Array.from({ length }, () => random.below(vocabulary)),
    scored: Uint8Array.from({ length }, (_, i) => (i > 1 && i % 4 !== 0 ? 1 : 0)),
    line,
  }))
}

/** Pairs with prompts of the given lengths and answers of one to four tokens. */
export function pairExamples(lengths: readonly number[], vocabulary: number): PairExample[] {
  const random = randomNumbers(13)
  return lengths.map((promptLength, line) => {
    const chosenLength = 1 + random.below(4)
    const length = promptLength + chosenLength + 1 + random.below(4)
    const tokens = Int32Array.from({ length }, () => random.below(vocabulary))
    return { kind: 'pair', tokens, promptLength, chosenLength, line }
  })
}
