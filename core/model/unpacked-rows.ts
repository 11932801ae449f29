import type { SourcePiece } from '../formats/joined-source.js'

/** Bytes that are unpacked at a time where a tensor is read from one end to the other. */
const runBytes = 2 * 2 ** 20

/** A matrix that a file has in another layout than it is read in. */
export interface StoredRows {
  readonly rows: number
  /** Of a row as it is read. */
  readonly rowBytes: number
  /**
   * Reads rows `first` … `first` + `count` − 1.
   *
   * @returns writes one of them, by its place among these, to `target`
   * @throws EngineError `file-unreadable`
   */
  readonly readRun: (first: number, count: number) => (row: number, target: Uint8Array) => void
}

/** The order in which rows are wanted. */
export interface RowOrder {
  /** Rows that change places with each other only; a multiple of 8. */
  readonly unit: number
  /** The stored row that is to be a row. */
  readonly rowBefore: (row: number) => number
}

/** Rows as the file has them. */
export const sameOrder: RowOrder = { unit: 8, rowBefore: (row) => row }

/** The rows that were unpacked last. Matrices of a model share it, so that few rows of one of them are in memory. */
export class UnpackedRows {
  #owner: StoredRows | null = null
  #first = 0
  #end = 0
  #bytes = new Uint8Array(0)

  /**
   * The bytes of unpacked rows from `row` on, at least one.
   *
   * A file may have a row's numbers far apart: whoever goes on where the last rows ended gets many at once, others as few as go
   * together.
   *
   * @param order the stored row that is each row; stays within groups of `unit` rows
   * @throws EngineError `file-unreadable`
   */
  from(stored: StoredRows, row: number, { unit, rowBefore }: RowOrder): Uint8Array {
    const { rowBytes } = stored
    if (this.#owner !== stored || row < this.#first || row >= this.#end) {
      const isNext = this.#owner === stored && row === this.#end
      const units = isNext ? Math.max(1, Math.floor(runBytes / (rowBytes * unit))) : 1
      const first = row - (row % unit)
      const end = Math.min(stored.rows, first + units * unit)
      const writeRow = stored.readRun(first, end - first)
      const bytes = new Uint8Array((end - first) * rowBytes)
      for (let at = first; at < end; at++) {
        writeRow(rowBefore(at) - first, bytes.subarray((at - first) * rowBytes, (at - first + 1) * rowBytes))
      }
      this.#owner = stored
      this.#first = first
      this.#end = end
      this.#bytes = bytes
    }
    return this.#bytes.subarray((row - this.#first) * rowBytes)
  }
}

/** The rows of a stored matrix, unpacked when they are read. */
export function unpackedPiece(stored: StoredRows, order: RowOrder, unpacked: UnpackedRows): SourcePiece {
  const { rowBytes } = stored
  const readInto = (offset: number, target: Uint8Array): void => {
    for (let done = 0; done < target.byteLength;) {
      const row = Math.floor((offset + done) / rowBytes)
      const within = offset + done - row * rowBytes
      const bytes = unpacked.from(stored, row, order).subarray(within)
      const part = bytes.subarray(0, target.byteLength - done)
      target.set(part, done)
      done += part.byteLength
    }
  }
  return {
    byteLength: stored.rows * rowBytes,
    readInto,
    readAhead: (offset, target) => {
      readInto(offset, target)
      return Promise.resolve()
    },
  }
}
