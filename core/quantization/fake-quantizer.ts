import { roundingSlope, type RoundingSlope } from './soft-round.js'

/** Weights of a matrix with what quantizes them, block by block in memory order. */
export interface QuantizedWeights {
  /** Whole blocks. */
  readonly weights: Float32Array
  /** One a block, positive. */
  readonly scales: Float32Array
  /** One a block, in codes; any number. */
  readonly zeroPoints: Float32Array
  readonly blockSize: number
  /** Codes are 0 … largestCode, 2^bits − 1. */
  readonly largestCode: number
}

/** Gradients of a loss, shaped like what they belong to. */
export interface QuantizerGradient {
  readonly weights: Float32Array
  readonly scales: Float32Array
  readonly zeroPoints: Float32Array
}

/**
 * What weights become when they are stored: ŵ = (q − z) s with q = clamp(round(u), 0, Q), u = w / s + z. Halves round up.
 *
 * @param target may be the weights themselves
 */
export function fakeQuantize(quantized: QuantizedWeights, target: Float32Array): void {
  const { weights, scales, zeroPoints, blockSize, largestCode } = quantized
  for (let i = 0; i < weights.length; i++) {
    const scale = scales[Math.floor(i / blockSize)]
    const zeroPoint = zeroPoints[Math.floor(i / blockSize)]
    const code = Math.max(0, Math.min(largestCode, Math.round(weights[i] / scale + zeroPoint)))
    target[i] = (code - zeroPoint) * scale
  }
}

/**
 * Gradients through `fakeQuantize`, with h′ the slope of rounding. Where the code is inside 0 … Q:
 *
 *   ∂ŵ/∂w = h′    ∂ŵ/∂s = round(u) − z − h′ (u − z)    ∂ŵ/∂z = (h′ − 1) s
 *
 * and where it is clamped:
 *
 *   ∂ŵ/∂w = 0     ∂ŵ/∂s = q − z                         ∂ŵ/∂z = −s
 *
 * Straight through (h′ = 1) the inside is round(u) − u for the scale and nothing for the zero point. Gradients of scales
 * and zero points are summed over the block and multiplied by `normalizer`.
 *
 * Source: LSQ, Esser et al. 2020, arXiv:1902.08153, equations 3 and 5; zero points: LSQ+, Bhalgat et al. 2020,
 * arXiv:2004.09576.
 *
 * @param upstream gradient with respect to ŵ
 * @param normalizer `lsqNormalizer`, or 1 for the plain derivative
 * @param target overwritten; `target.weights` may be `upstream`
 */
export function fakeQuantizeGradient(
  quantized: QuantizedWeights,
  upstream: Float32Array,
  { slope, normalizer }: { readonly slope: RoundingSlope; readonly normalizer: number },
  target: QuantizerGradient,
): void {
  const { weights, scales, zeroPoints, blockSize, largestCode } = quantized
  for (let block = 0; block < scales.length; block++) {
    const scale = scales[block]
    const zeroPoint = zeroPoints[block]
    let ofScale = 0
    let ofZeroPoint = 0
    for (let i = block * blockSize; i < (block + 1) * blockSize; i++) {
      const u = weights[i] / scale + zeroPoint
      const code = Math.max(0, Math.min(largestCode, Math.round(u)))
      const rise = u > 0 && u < largestCode ? roundingSlope(u, slope) : 0
      ofScale += upstream[i] * (code - zeroPoint - rise * (u - zeroPoint))
      ofZeroPoint += upstream[i] * (rise - 1) * scale
      target.weights[i] = upstream[i] * rise
    }
    target.scales[block] = ofScale * normalizer
    target.zeroPoints[block] = ofZeroPoint * normalizer
  }
}

/**
 * Makes the steps of scales as large, relative to them, as those of weights: 1 / √(N Q), for plain gradient steps. (A rule
 * that divides by the size of gradients, such as AdamW, takes it out again.)
 *
 * Source: LSQ, arXiv:1902.08153, section 2.2.
 *
 * @param count N, weights that share a scale
 * @param largestLevel Q, the largest positive level: 2^(bits − 1) − 1
 */
export function lsqNormalizer(count: number, largestLevel: number): number {
  return 1 / Math.sqrt(count * largestLevel)
}
