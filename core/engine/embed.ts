import type { LoadedModel } from './loaded-model.js'
import type { Hidden } from './block-runner.js'
import { ReusedBuffer } from './reused-buffer.js'

/**
 * Embeds token rows, padded on the right with zeros to the longest: a few rows of the quantized table are read, never
 * the table.
 *
 * @param buffer where the result lies; memory of its own unless said
 */
export function embed(model: LoadedModel, rows: readonly Int32Array[], buffer = new ReusedBuffer()): Hidden {
  const { width, embeddingScale } = model.description
  const sequence = rows.reduce((longest, row) => Math.max(longest, row.length), 1)
  const data = buffer.take(rows.length * sequence * width).fill(0)
  rows.forEach((tokens, row) => {
    tokens.forEach((token, position) => {
      model.embedding.readRow(token, data, (row * sequence + position) * width)
    })
  })
  if (embeddingScale !== 1) for (let i = 0; i < data.length; i++) data[i] *= embeddingScale
  return { data, batch: rows.length, sequence }
}
