import { deriveSeed } from '../random/derive-seed.js'
import { uniform } from '../random/philox.js'
import type { TokenDraw } from './gradient-runner.js'

/** From which tokens gradients of quantized weights are estimated. */
export interface TokenSampling {
  /** Of the tokens. */
  readonly share: number
  /** Others are drawn with another. */
  readonly seed: number
}

/** Every part of a batch draws its own tokens. */
export function ofChunk(sampling: TokenSampling | null, first: number): TokenSampling | null {
  return sampling === null ? null : { ...sampling, seed: deriveSeed(sampling.seed, first) }
}

/** Every layer draws its own tokens. */
export function drawOf(sampling: TokenSampling | null, layer: number): TokenDraw | null {
  if (sampling === null) return null
  return { share: sampling.share, offset: uniform(deriveSeed(sampling.seed, layer)) }
}
