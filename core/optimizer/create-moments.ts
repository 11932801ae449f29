import { dynamicCode } from '../quantization/dynamic-code.js'
import { fillRoundingNoise } from '../random/rounding-noise.js'
import type { MomentStates } from '../schema/gradient-update.js'
import { dynamicMoment } from './dynamic-moment.js'
import { floatMoment } from './float-moment.js'
import { logarithmicMoment } from './logarithmic-moment.js'
import { momentChunk, type Moment } from './moment.js'

/** Below this a tensor's codes would save less than they need beside them. The papers' code has the same number. */
export const smallestCodedLength = 4096
export const eightBitBlockSize = 256
export const fourBitBlockSize = 128

const signedEightBits = dynamicCode(8, true)
const unsignedEightBits = dynamicCode(8, false)
const signedFourBits = dynamicCode(4, true)

/** What fixes a tensor's random draws. */
export interface Draws {
  readonly seed: number
  readonly tensor: string
}

/** A running mean of gradients, kept as `states` says. */
export function meanMoment(states: MomentStates, length: number): Moment {
  if (states === 'fp32' || length < smallestCodedLength) return floatMoment(length)
  return states === '8bit'
    ? dynamicMoment(length, signedEightBits, eightBitBlockSize)
    : dynamicMoment(length, signedFourBits, fourBitBlockSize)
}

/** A running mean of squared gradients, kept as `states` says. */
export function squareMoment(states: MomentStates, length: number, { seed, tensor }: Draws): Moment {
  if (states === 'fp32' || length < smallestCodedLength) return floatMoment(length)
  if (states === '8bit') return dynamicMoment(length, unsignedEightBits, eightBitBlockSize)
  const words = new Uint32Array(momentChunk / 2)
  return logarithmicMoment(length, (noise, step, start) =>
    fillRoundingNoise(noise, words, seed, tensor, step, start),
  )
}
