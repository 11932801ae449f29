import type { BlockOverride } from '../engine/block-runner.js'
import type { InputGradients } from '../engine/gradient-runner.js'
import type { ModelChanges } from '../engine/model-changes.js'
import type { TrainedState } from './trained-parameters.js'

/** Numbers that exact gradients move, with the gradient of the step that is being taken. */
export interface TrainedTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float32Array
  /** Sum over the micro-batches of the step; same length as `values`. */
  readonly gradient: Float32Array
}

/** What exact gradients move: the update rule moves `values` in place and then says so. */
interface Differentiated {
  readonly tensors: readonly TrainedTensor[]
  /** Inputs of a layer's graph whose gradients are asked for; empty for a layer that is not trained. */
  wanted(layer: number): readonly string[]
  /** Adds a micro-batch's gradients of the wanted inputs of a layer to those of the trained tensors. */
  accumulate(layer: number, gradients: InputGradients): void
  /** Takes note that `values` have changed. */
  refresh(): void
}

/** One kind of trained numbers, such as factors or low-rank branches. Its state is the values of its tensors. */
export interface DifferentiatedPart extends Differentiated {
  /** What a layer's graph takes of this part; null for a layer that it does not train. */
  override(layer: number): BlockOverride | null
  /** What it means for the model's file. */
  readonly changes: ModelChanges
}

/** Everything that exact gradients train in a run. */
export interface DifferentiatedParameters extends TrainedState, Differentiated {}
