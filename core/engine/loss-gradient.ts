import type { ExampleScore } from './example-score.js'
import type { Hidden } from './block-runner.js'
import type { ExampleRows } from './run-chunks.js'

/**
 * The end of a differentiated forward pass: measures a chunk's examples and adds the gradient of the batch's loss at their
 * last hidden states.
 *
 * @param hidden what the last block gave for the chunk's rows, shape [rows, sequence, width]
 * @param share what one example (labels, pairs) or one scored token (sequences) counts in the batch's loss
 * @param gradient shape of `hidden`; positions that are not read stay as they are
 */
export type LossGradient<Result = ExampleScore> = (
  chunk: readonly ExampleRows[],
  hidden: Hidden,
  share: number,
  gradient: Float32Array,
) => Promise<Result[]>
