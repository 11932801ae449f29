import type { Hidden } from './block-runner.js'
import { ReusedBuffer } from './reused-buffer.js'

/**
 * Hidden states with the same vectors in front of every row.
 *
 * @param prompt shape [count, width]
 * @param buffer where the result lies
 */
export function withPrompt(
  { data, batch, sequence }: Hidden,
  prompt: Float32Array,
  buffer = new ReusedBuffer(),
): Hidden {
  const rowLength = data.length / batch
  const longer = buffer.take(data.length + batch * prompt.length)
  for (let row = 0; row < batch; row++) {
    const start = row * (rowLength + prompt.length)
    longer.set(prompt, start)
    longer.set(data.subarray(row * rowLength, (row + 1) * rowLength), start + prompt.length)
  }
  return { data: longer, batch, sequence: sequence + (prompt.length * sequence) / rowLength }
}

/**
 * Hidden states without what stands at the vectors in front of every row, so that positions are those of the tokens again.
 *
 * @param promptLength numbers of those vectors
 */
export function withoutPrompt(
  { data, batch, sequence }: Hidden,
  promptLength: number,
  buffer = new ReusedBuffer(),
): Hidden {
  const rowLength = data.length / batch
  const kept = rowLength - promptLength
  const shorter = buffer.take(batch * kept)
  for (let row = 0; row < batch; row++) {
    shorter.set(data.subarray(row * rowLength + promptLength, (row + 1) * rowLength), row * kept)
  }
  return { data: shorter, batch, sequence: (sequence * kept) / rowLength }
}

/** The gradient of the vectors, given that of the rows that begin with them: the sum over rows. */
export function promptGradient(ofRows: Float32Array, batch: number, promptLength: number): Float32Array {
  const rowLength = ofRows.length / batch
  const sum = new Float32Array(promptLength)
  for (let row = 0; row < batch; row++) {
    for (let i = 0; i < promptLength; i++) sum[i] += ofRows[row * rowLength + i]
  }
  return sum
}
