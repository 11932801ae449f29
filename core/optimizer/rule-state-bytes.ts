import type { GradientUpdate, MomentStates } from '../schema/gradient-update.js'
import type { ProbeMoments } from '../schema/probe-moments.js'
import { eightBitBlockSize, fourBitBlockSize, smallestCodedLength } from './create-moments.js'

/**
 * Bytes of the state that `createTensorRule` would hold for a tensor of this shape: for plans, which make nothing. Of a number:
 * 8 bytes in floats, 2 in 8 bits, ¾ in 4 and 2, and the scales of blocks.
 */
export function ruleStateBytes(update: GradientUpdate, shape: readonly number[]): number {
  const length = shape.reduce((product, size) => product * size, 1)
  switch (update.kind) {
    case 'adamw':
      return momentBytes(update.states, length)
    case 'grass': {
      if (shape.length !== 2) return momentBytes(update.states, length)
      const chosen = Math.ceil(update.rowShare * shape[0])
      return 4 + 8 * chosen + momentBytes(update.states, chosen * shape[1])
    }
    case 'lion':
      return meanBytes(update.states, length)
    case 'sgd':
      return update.momentum === 0 ? 0 : 4 * length
  }
}

/** Bytes of the state that `createMomentRule` would hold for so many numbers. */
export function momentStateBytes({ kind, states }: ProbeMoments, length: number): number {
  return kind === 'adam' ? momentBytes(states, length) : meanBytes(states, length)
}

/** Of both running means. */
function momentBytes(states: MomentStates, length: number): number {
  const ofMean = meanBytes(states, length)
  if (states !== 'solo' || length < smallestCodedLength) return 2 * ofMean
  return ofMean + Math.ceil(length / 4) + 8 * Math.ceil(length / fourBitBlockSize)
}

/** Of the running mean of gradients alone. */
function meanBytes(states: MomentStates, length: number): number {
  if (states === 'fp32' || length < smallestCodedLength) return 4 * length
  if (states === '8bit') return length + 4 * Math.ceil(length / eightBitBlockSize)
  return Math.ceil(length / 2) + 4 * Math.ceil(length / fourBitBlockSize)
}
