import { dequantizeRow } from '../quantization/dequantize-row.js'
import type { LoadedModel } from './loaded-model.js'
import type { Hidden } from './block-runner.js'

/**
 * Embeds token rows, padded on the right with zeros to the longest: a few rows of the quantized table are unpacked, never
 * the table.
 */
export function embed(model: LoadedModel, rows: readonly Int32Array[]): Hidden {
  const { width } = model.description
  const sequence = rows.reduce((longest, row) => Math.max(longest, row.length), 1)
  const data = new Float32Array(rows.length * sequence * width)
  rows.forEach((tokens, row) => {
    tokens.forEach((token, position) => {
      dequantizeRow(model.embedding, token, data, (row * sequence + position) * width)
    })
  })
  return { data, batch: rows.length, sequence }
}
