import type { SourcePiece } from '../../../formats/joined-source.js'
import type { PackedLinear } from './packed-linear.js'
import { readRun } from './unpack-run.js'
import { rowBytesOf, writeRow } from './write-row.js'

/** Bytes that are unpacked at a time where a tensor is read from one end to the other. */
const runBytes = 2 * 2 ** 20

/** The rows that were unpacked last. Linears of a model share it, so that one of them is in memory. */
export class UnpackedRows {
  #owner: PackedLinear | null = null
  #first = 0
  #end = 0
  #bytes = new Uint8Array(0)

  /**
   * The bytes of unpacked rows from `row` on, at least one.
   *
   * A file has a row's codes far apart: whoever goes on where the last rows ended gets many at once, others as few as go together.
   *
   * @param order the packed row that is each row; stays within groups of `unit` rows
   * @throws EngineError `file-unreadable`
   */
  from(linear: PackedLinear, row: number, { unit, rowBefore }: RowOrder): Uint8Array {
    const rowBytes = rowBytesOf(linear)
    if (this.#owner !== linear || row < this.#first || row >= this.#end) {
      const isNext = this.#owner === linear && row === this.#end
      const units = isNext ? Math.max(1, Math.floor(runBytes / (rowBytes * unit))) : 1
      const first = row - (row % unit)
      const end = Math.min(linear.rows, first + units * unit)
      const run = readRun(linear, first, end - first)
      const bytes = new Uint8Array((end - first) * rowBytes)
      for (let at = first; at < end; at++) {
        const target = bytes.subarray((at - first) * rowBytes, (at - first + 1) * rowBytes)
        writeRow(linear, run, rowBefore(at) - first, target)
      }
      this.#owner = linear
      this.#first = first
      this.#end = end
      this.#bytes = bytes
    }
    return this.#bytes.subarray((row - this.#first) * rowBytes)
  }
}

/** The order in which rows are wanted. */
export interface RowOrder {
  /** Rows that change places with each other only; a multiple of 8. */
  readonly unit: number
  /** The packed row that is to be a row. */
  readonly rowBefore: (row: number) => number
}

/** Rows as the file has them. */
export const sameOrder: RowOrder = { unit: 8, rowBefore: (row) => row }

/** The rows of a packed linear in GGUF's layout, unpacked when they are read. */
export function packedPiece(linear: PackedLinear, order: RowOrder, unpacked: UnpackedRows): SourcePiece {
  const rowBytes = rowBytesOf(linear)
  const readInto = (offset: number, target: Uint8Array): void => {
    for (let done = 0; done < target.byteLength;) {
      const row = Math.floor((offset + done) / rowBytes)
      const within = offset + done - row * rowBytes
      const bytes = unpacked.from(linear, row, order).subarray(within)
      const part = bytes.subarray(0, target.byteLength - done)
      target.set(part, done)
      done += part.byteLength
    }
  }
  return {
    byteLength: linear.rows * rowBytes,
    readInto,
    readAhead: (offset, target) => {
      readInto(offset, target)
      return Promise.resolve()
    },
  }
}
