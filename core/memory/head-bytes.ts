import type { ModelDescription } from '../model/description.js'

const floatBytes = 4
/** Vocabulary rows and tokens of one run of `VocabularyHead`. */
const forwardRows = 8192
const forwardTokens = 256
/** Numbers of the output matrix, and tokens, of one run of `VocabularyHeadGradient`. */
const backwardWeights = 2 ** 21
const backwardTokens = 512

/**
 * Bytes that losses over the whole vocabulary take at their peak: a chunk of the output matrix unpacked and the logits of a
 * chunk of tokens; for gradients twice the weights, of which the second product unpacks its own, and three tensors of logits.
 *
 * Without a backward pass nothing else is as large as logits, and the allocator keeps three more places for them: measured.
 *
 * @param tokens that are scored in a run
 */
export function headBytes(
  { width, vocabularySize }: ModelDescription,
  estimator: 'probes' | 'gradients',
  tokens: number,
): number {
  const rows = Math.min(forwardRows, vocabularySize)
  // What is scored is gathered; for gradients in float64 and twice in float32.
  const states = floatBytes * tokens * width * (estimator === 'gradients' ? 5 : 1)
  const places = estimator === 'probes' ? 4 : 1
  const forward = floatBytes * rows * (width + places * Math.min(tokens, forwardTokens))
  if (estimator === 'probes') return states + forward
  const chunk = Math.min(Math.max(1, Math.floor(backwardWeights / width)), vocabularySize)
  const backward = floatBytes * chunk * (3 * width + 3 * Math.min(tokens, backwardTokens))
  return states + Math.max(forward, backward)
}
