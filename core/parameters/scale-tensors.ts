import type { BlockOverride } from '../engine/block-runner.js'
import { isGraphModel, type GraphModel, type TrainableModel } from '../engine/graph-model.js'
import { float32Tensor } from '../engine/matrix-tensors.js'
import type { Overrides } from '../engine/overrides.js'
import type { Tensor } from '../runtime/device.js'
import { EngineError } from '../schema/engine-error.js'
import { modelProblem } from '../schema/model-problems.js'
import { quantizedLinears } from './quantized-linears.js'

/** Block scales that can be trained. */
export interface ScaleTensor {
  /** Addresses their direction. */
  readonly name: string
  /** The whole of a graph is one layer. */
  readonly layer: number
  /** Which of a layer's it is: those of one layer are in memory together. */
  readonly place: string
  /** The graph's input. */
  readonly input: string
  readonly shape: readonly number[]
  /** The same numbers as a matrix, which directions of low rank go by. */
  readonly grid: readonly [rows: number, columns: number]
  /** As the model's file has them. */
  readonly initial: Float32Array
}

/**
 * The block scales of layers `firstLayer` … `endLayer` − 1, in order.
 *
 * @throws EngineError 'model-untrainable' where there are none
 */
export function scaleTensors(model: TrainableModel, firstLayer: number, endLayer: number): ScaleTensor[] {
  if (isGraphModel(model)) return scalesOfGraph(model)
  return quantizedLinears(model, firstLayer, endLayer).map(({ name, layer, linear, matrix }) => ({
    ...{ name, layer },
    place: linear,
    input: `${linear}.scales`,
    shape: [matrix.rows, matrix.columns / matrix.blockSize],
    grid: [matrix.rows, matrix.columns / matrix.blockSize],
    initial: matrix.scales,
  }))
}

function scalesOfGraph({ scales }: GraphModel): ScaleTensor[] {
  if (scales.length === 0) {
    const reason = modelProblem('nothing-to-train')
    throw new EngineError('model-untrainable', { reason }, `${reason}: its graph has no block scales`)
  }
  return scales.map(({ name, input, shape, rows, initial }) => ({
    ...{ name, input, shape, initial },
    grid: [rows, initial.length / rows],
    layer: 0,
    place: name,
  }))
}

/** Overrides that run the trained layers with the scales that `scalesOf` gives. */
export function scaleOverrides<T extends ScaleTensor>(
  tensors: readonly T[],
  scalesOf: (tensor: T) => Float32Array,
): Overrides {
  return (layer): BlockOverride | null => {
    const ofLayer = tensors.filter((tensor) => tensor.layer === layer)
    if (ofLayer.length === 0) return null
    const found = ofLayer.map((tensor): [string, Tensor] => [
      tensor.input,
      float32Tensor(scalesOf(tensor), [...tensor.shape]),
    ])
    return { factors: 'none', tensors: Object.fromEntries(found) }
  }
}
