import type { Tensors } from '../runtime/device.js'
import type { LoadedModel } from './loaded-model.js'
import { float32Tensor } from './matrix-tensors.js'

/** What the functions of this file read of a model. */
export type OutputNormModel = Pick<LoadedModel, 'description' | 'outputNorm'>

/** The inputs `output_norm` and, of models that have it, `output_norm.bias` of the graphs of output matrices. */
export function outputNormTensors({ outputNorm: { weight, bias } }: OutputNormModel): Tensors {
  return {
    output_norm: float32Tensor(weight, [weight.length]),
    ...(bias !== null && { 'output_norm.bias': float32Tensor(bias, [bias.length]) }),
  }
}

/**
 * The final norm of the hidden state at `offset`, in float64: (x − m) · r ∘ weight + bias with r = 1 / √(mean((x − m)²) + ε),
 * where m is the mean of x for a layer norm and 0 for a root-mean-square norm.
 *
 * @returns shape [width]
 */
export function outputNormed(model: OutputNormModel, hidden: Float32Array, offset: number): Float64Array {
  const { weight, bias } = model.outputNorm
  const { mean, inverse } = spreadOf(model, hidden, offset)
  const normed = new Float64Array(weight.length)
  for (let i = 0; i < normed.length; i++) {
    normed[i] = (hidden[offset + i] - mean) * inverse * weight[i] + (bias?.[i] ?? 0)
  }
  return normed
}

/**
 * Adds the gradient of a loss at the hidden state, where it is `ofNormed` at what `outputNormed` gives.
 *
 * ∂L/∂x = r · (g − x̂ · mean(g ∘ x̂) − m′), with x̂ = (x − m) · r, g = ∂L/∂normed ∘ weight, and m′ the mean of g for a layer
 * norm and 0 else. In float64: the terms nearly cancel along x.
 *
 * @param target where it is added, from `offset`, as the state lies in `hidden` from `offset`
 */
export function addOutputNormGradient(
  model: OutputNormModel,
  ofNormed: Float64Array,
  hidden: Float32Array,
  target: Float32Array,
  offset: number,
): void {
  const { weight, bias } = model.outputNorm
  const width = weight.length
  const { mean, inverse } = spreadOf(model, hidden, offset)
  let along = 0
  let sum = 0
  for (let i = 0; i < width; i++) {
    const g = ofNormed[i] * weight[i]
    along += (hidden[offset + i] - mean) * g
    sum += g
  }
  const pull = (along * inverse * inverse) / width
  const shift = bias === null ? 0 : sum / width
  for (let i = 0; i < width; i++) {
    const g = ofNormed[i] * weight[i]
    target[offset + i] += inverse * (g - (hidden[offset + i] - mean) * pull - shift)
  }
}

function spreadOf(
  { description, outputNorm }: OutputNormModel,
  hidden: Float32Array,
  offset: number,
): { mean: number; inverse: number } {
  const { width, normEpsilon } = description
  let sum = 0
  if (outputNorm.bias !== null) for (let i = 0; i < width; i++) sum += hidden[offset + i]
  const mean = sum / width
  let squares = 0
  for (let i = 0; i < width; i++) squares += (hidden[offset + i] - mean) ** 2
  return { mean, inverse: 1 / Math.sqrt(squares / width + normEpsilon) }
}

/** A logit from its row's product with the normed state: cap(logitScale · x). */
export function finishedLogit({ description }: OutputNormModel, product: number): number {
  const { logitScale, logitSoftCap: cap } = description
  const scaled = logitScale * product
  return cap === null ? scaled : cap * Math.tanh(scaled / cap)
}

/** The slope of `finishedLogit` where it gives `logit`. */
export function logitSlope({ description }: OutputNormModel, logit: number): number {
  const { logitScale, logitSoftCap: cap } = description
  return cap === null ? logitScale : logitScale * (1 - (logit / cap) ** 2)
}
