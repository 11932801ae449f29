import type { LowRankShape } from '../graph/block-graph.js'
import type { LinearName, VectorName } from '../model/description.js'
import type { Matrix, QuantizedMatrix } from '../quantization/matrix.js'
import type { ScaleFactors } from '../quantization/scale-factors.js'
import { scaleMatrix } from '../quantization/scale-matrix.js'
import type { LoadedModel } from './loaded-model.js'

/** y += scale · (x downᵀ) upᵀ beside a linear. */
export interface LowRankMatrices extends LowRankShape {
  /** Shape [rank, columns]. */
  readonly down: Float32Array
  /** Shape [rows, rank]. */
  readonly up: Float32Array
}

/**
 * What training made of the tensors of a model's file. A member that is not there, or gives null, leaves a tensor as it is
 * in the file.
 */
export interface ModelChanges {
  /** Multiplies the scales of a linear, on top of `matrix`. */
  readonly scaleFactors?: (layer: number, linear: LinearName) => ScaleFactors | null
  /** Takes the place of a linear's codes, scales and zero points; bits and blocks are those of the file. */
  readonly matrix?: (layer: number, linear: LinearName) => QuantizedMatrix | null
  /** Takes the place of a norm's weight or a bias. */
  readonly vector?: (layer: number, name: VectorName) => Float32Array | null
  /** Vectors that stand before every text, shape [count, width]; no file of a model has room for them. */
  readonly prompt?: () => Float32Array | null
  /** Stands beside a linear. */
  readonly branch?: (layer: number, linear: LinearName) => LowRankMatrices | null
}

/** A model as it is in its file. */
export const noChanges: ModelChanges = {}

/** A linear's matrix as training left it, without its low-rank branch; the model's own where nothing changed. */
export function changedMatrix(
  model: LoadedModel,
  changes: ModelChanges,
  layer: number,
  linear: LinearName,
): Matrix {
  const matrix = changes.matrix?.(layer, linear) ?? model.blocks[layer].stored.read(linear)
  const factors = changes.scaleFactors?.(layer, linear) ?? null
  return factors === null ? matrix : scaleMatrix(matrix, factors)
}
