import type { LinePlace } from '../read-lines.js'

/** Marks that are kept; beyond, every other one is dropped. */
const mostMarks = 64 * 1024

/** A place in a file, and how many rows come before it. */
export interface RowMark extends LinePlace {
  readonly row: number
}

/** Places of some rows of a file: as many as fit, evenly spread, however long the file is. */
export class RowMarks {
  readonly #rows = new Float64Array(mostMarks)
  readonly #offsets = new Float64Array(mostMarks)
  readonly #numbers = new Float64Array(mostMarks)
  #count = 0
  #stride = 1

  /** Marks a row, if its turn has come. Rows come in order. */
  add(row: number, offset: number, number: number): void {
    if (row % this.#stride !== 0) return
    if (this.#count === mostMarks) {
      this.#thin()
      if (row % this.#stride !== 0) return
    }
    this.#rows[this.#count] = row
    this.#offsets[this.#count] = offset
    this.#numbers[this.#count] = number
    this.#count++
  }

  /** The last mark at or before a row; null where there is none. */
  before(row: number): RowMark | null {
    return this.#last(this.#rows, row)
  }

  /** The last mark of a row that starts at or before a line. */
  beforeLine(line: number): RowMark | null {
    return this.#last(this.#numbers, line)
  }

  /** The last mark whose value is at most `limit`; values ascend. */
  #last(values: Float64Array, limit: number): RowMark | null {
    let [low, high] = [0, this.#count]
    while (low < high) {
      const middle = (low + high) >> 1
      if (values[middle] <= limit) low = middle + 1
      else high = middle
    }
    const at = low - 1
    if (at < 0) return null
    return { row: this.#rows[at], offset: this.#offsets[at], number: this.#numbers[at] }
  }

  #thin(): void {
    this.#stride *= 2
    let kept = 0
    for (let at = 0; at < this.#count; at++) {
      if (this.#rows[at] % this.#stride !== 0) continue
      this.#rows[kept] = this.#rows[at]
      this.#offsets[kept] = this.#offsets[at]
      this.#numbers[kept] = this.#numbers[at]
      kept++
    }
    this.#count = kept
  }
}
