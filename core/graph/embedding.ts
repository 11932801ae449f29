import type { LinearFormat, WeightSource } from './linear.js'
import type { Tape, Value } from './tape.js'

export interface EmbeddingSpec {
  /** Rows of the table. */
  readonly vocabularySize: number
  readonly width: number
  readonly format: LinearFormat
}

/**
 * Rows of the embedding table, unpacked one by one: no float table exists.
 *
 * A table with zero points is (code − 2^(bits − 1)) · scale + offset, offset = (2^(bits − 1) − zeroPoint) · scale, because
 * GatherBlockQuantized takes whole zero points only.
 *
 * @param tokens int64, shape [batch, sequence]
 * @returns shape [batch, sequence, width]
 */
export function embeddingRows(tape: Tape, tokens: Value, spec: EmbeddingSpec, source: WeightSource): Value {
  const { vocabularySize, width, format } = spec
  if (format.kind === 'float32') {
    return tape.node('Gather', [source('weights', 'float32', [vocabularySize, width]), tokens])
  }
  if (format.kind === 'float16') {
    const rows = tape.node('Gather', [source('weights', 'float16', [vocabularySize, width]), tokens])
    return tape.node('Cast', [rows], { to: 1 })
  }
  const { bits, blockSize, hasZeroPoints } = format
  const blocks = width / blockSize
  const codes = source('codes', 'uint8', [vocabularySize, (width * bits) / 8])
  const scales = source('scales', 'float32', [vocabularySize, blocks])
  const attributes = { bits, block_size: blockSize, gather_axis: 0, quantize_axis: 1 }
  const rows = tape.node('GatherBlockQuantized', [codes, tokens, scales], attributes, {
    domain: 'com.microsoft',
  })
  if (!hasZeroPoints) return rows
  const offsets = tape.node('Gather', [source('offsets', 'float32', [vocabularySize, blocks]), tokens])
  const byBlock = tape.node('Add', [
    tape.node('Reshape', [rows, tape.int64([0, 0, blocks, blockSize])]),
    tape.node('Unsqueeze', [offsets, tape.int64([-1])]),
  ])
  return tape.node('Reshape', [byBlock, tape.int64([0, 0, width])])
}
