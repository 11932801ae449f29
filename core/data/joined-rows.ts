import type { TextExample } from './example.js'
import { tokenCountOf } from './stored-example.js'

export interface RowShape {
  /** At most. */
  readonly count: number
  /** Tokens of each. */
  readonly length: number
}

/**
 * Rows of equal length from the tokens of examples, one example after the other, whatever a row begins or ends with. Where there is
 * more than that, every so many examples one is taken. What does not fill a row is left out.
 */
export function joinedRows(
  examples: readonly Pick<TextExample, 'tokens'>[],
  { count, length }: RowShape,
): readonly Int32Array[] {
  const total = examples.reduce((sum, example) => sum + tokenCountOf(example), 0)
  const stride = Math.max(1, Math.floor(total / (count * length)))
  const rows: Int32Array[] = []
  let row = new Int32Array(length)
  let filled = 0
  for (let index = 0; index < examples.length && rows.length < count; index += stride) {
    const { tokens } = examples[index]
    for (let start = 0; start < tokens.length && rows.length < count;) {
      const part = tokens.subarray(start, start + length - filled)
      row.set(part, filled)
      start += part.length
      filled += part.length
      if (filled < length) continue
      rows.push(row)
      row = new Int32Array(length)
      filled = 0
    }
  }
  return rows
}
