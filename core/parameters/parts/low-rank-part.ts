import type { BlockOverride } from '../../engine/block-runner.js'
import type { InputGradients } from '../../engine/gradient-runner.js'
import { float32Tensor } from '../../engine/matrix-tensors.js'
import type { LowRankMatrices, ModelChanges } from '../../engine/model-changes.js'
import { linearNames, linearShape, type LinearName, type ModelDescription } from '../../model/description.js'
import { fillNormals } from '../../random/directions.js'
import type { LowRankSettings } from '../../schema/trained-part.js'
import type { DifferentiatedPart, TrainedTensor } from '../differentiated-parameters.js'
import type { TrainedLayers } from '../trained-layers.js'

/** The two matrices beside a linear, and what multiplies their product. */
interface Branch {
  readonly linear: LinearName
  readonly rank: number
  readonly scale: number
  /** Shape [rank, columns]. */
  readonly down: TrainedTensor
  /** Shape [rows, rank]. */
  readonly up: TrainedTensor
}

/**
 * Low-rank branches beside linears, y += scale · (x Aᵀ) Bᵀ. B begins at 0 and A at random, so the model begins as it is.
 *
 * scale = α / rank, or α / √rank where it is stabilised, so that a larger rank does not learn more slowly.
 *
 * Source: LoRA, Hu et al. 2021, arXiv:2106.09685; rank stabilisation, Kalajdzievski 2023, arXiv:2312.03732; the variance
 * 1 / (3 · columns) of A is that of the released code.
 */
export class LowRankPart implements DifferentiatedPart {
  readonly tensors: readonly TrainedTensor[]
  readonly changes: ModelChanges = { branch: (layer, linear) => this.#branch(layer, linear) }
  readonly #byLayer = new Map<number, readonly Branch[]>()

  constructor(model: ModelDescription, { firstLayer, endLayer }: TrainedLayers, settings: LowRankSettings) {
    for (let layer = firstLayer; layer < endLayer; layer++) {
      const chosen = linearNames.filter((name) => settings.linears.includes(name))
      this.#byLayer.set(
        layer,
        chosen.map((linear) => createBranch(model, layer, linear, settings)),
      )
    }
    this.tensors = [...this.#byLayer.values()].flat().flatMap(({ down, up }) => [down, up])
  }

  override(layer: number): BlockOverride | null {
    const branches = this.#byLayer.get(layer)
    if (branches === undefined) return null
    return {
      factors: 'none',
      lowRank: Object.fromEntries(branches.map(({ linear, rank, scale }) => [linear, { rank, scale }])),
      tensors: Object.fromEntries(
        branches.flatMap(({ linear, down, up }) => [
          [`${linear}.loraA`, float32Tensor(down.values, down.shape)],
          [`${linear}.loraB`, float32Tensor(up.values, up.shape)],
        ]),
      ),
    }
  }

  wanted(layer: number): readonly string[] {
    return (this.#byLayer.get(layer) ?? []).flatMap(({ linear }) => [`${linear}.loraA`, `${linear}.loraB`])
  }

  accumulate(layer: number, gradients: InputGradients): void {
    for (const { linear, down, up } of this.#byLayer.get(layer) ?? []) {
      addTo(down.gradient, gradients[`${linear}.loraA`])
      addTo(up.gradient, gradients[`${linear}.loraB`])
    }
  }

  /** The graph reads the values themselves. */
  refresh(): void {
    return
  }

  #branch(layer: number, name: LinearName): LowRankMatrices | null {
    const found = this.#byLayer.get(layer)?.find(({ linear }) => linear === name)
    if (found === undefined) return null
    const { rank, scale, down, up } = found
    return { rank, scale, down: down.values, up: up.values }
  }
}

/** What multiplies the product of a branch's matrices. */
export function branchScale({ rank, alpha, isRankStabilized }: LowRankSettings): number {
  return alpha / (isRankStabilized ? Math.sqrt(rank) : rank)
}

/** Where A [rank, columns] begins: normals of variance 1 / (3 · columns). */
export function startOfDown(name: string, rank: number, columns: number, seed: number): Float64Array {
  const normals = new Float64Array(rank * columns)
  fillNormals(normals, seed, name)
  const deviation = 1 / Math.sqrt(3 * columns)
  return normals.map((normal) => deviation * normal)
}

function createBranch(
  model: ModelDescription,
  layer: number,
  linear: LinearName,
  settings: LowRankSettings,
): Branch {
  const { rank, seed } = settings
  const { rows, columns } = linearShape(model, linear)
  const down = trainedMatrix(`blk.${layer}.${linear}.loraA`, rank, columns)
  down.values.set(startOfDown(down.name, rank, columns, seed))
  return {
    linear,
    rank,
    scale: branchScale(settings),
    down,
    up: trainedMatrix(`blk.${layer}.${linear}.loraB`, rows, rank),
  }
}

function trainedMatrix(name: string, rows: number, columns: number): TrainedTensor {
  const length = rows * columns
  return {
    name,
    shape: [rows, columns],
    values: new Float32Array(length),
    gradient: new Float32Array(length),
  }
}

function addTo(sum: Float32Array, summand: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] += summand[i]
}
