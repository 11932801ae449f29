import type { LossGradient } from './loss-gradient.js'
import { readTokens } from './read-tokens.js'
import type { VocabularyHead } from './vocabulary-head.js'
import type { VocabularyHeadGradient } from './vocabulary-head-gradient.js'

/**
 * The gradient of KL(base ‖ model), summed over the scored tokens of sequences; gives the divergence of each, in nats.
 *
 * @param base the base's last hidden states at those tokens, as `readTokens` gathers them
 */
export function divergenceGradient(
  width: number,
  head: VocabularyHead,
  headGradient: VocabularyHeadGradient,
  base: Float32Array,
): LossGradient<number> {
  return async (chunk, hidden, share, gradient) => {
    const { states, offsets } = readTokens(chunk, hidden, width)
    const totals = await head.logSumExps(states)
    const baseTotals = await head.logSumExps(base)
    const tokens = totals.map((logSumExp, index) => ({
      coefficient: share,
      logSumExp,
      baseLogSumExp: baseTotals[index],
    }))
    const ofStates = new Float32Array(states.length)
    const divergences = await headGradient.addDivergences(states, base, tokens, ofStates)
    offsets.forEach((offset, index) => {
      gradient.set(ofStates.subarray(index * width, (index + 1) * width), offset)
    })
    return divergences
  }
}
