import { statSync } from 'node:fs'
import { indexRows, rawRow, readTable, type RowIndex, type TableRow } from '../../core/index.js'
import { shownCharacters } from '../ipc/data.js'

/** The rows of the file that a table shows: any part of it comes at once, however long the file is. */
export class DataTables {
  #open: { readonly key: string; readonly index: RowIndex } | null = null

  /** Rows `offset` … `offset + count − 1`, and how many there are. @throws EngineError of `indexRows` and `readTable` */
  page(path: string, offset: number, count: number): { total: number; rows: readonly TableRow[] } {
    const index = this.#opened(path)
    return { total: index.rowCount, rows: readTable(index, offset, count, shownCharacters) }
  }

  /** The text of the row on a line. @throws EngineError of `indexRows` and `rawRow` */
  rawRow(path: string, line: number): string | null {
    return rawRow(this.#opened(path), line)
  }

  #opened(path: string): RowIndex {
    const opening = this.open(path)
    let next = opening.next()
    while (next.done !== true) next = opening.next()
    return next.value
  }

  /** Goes through the file once, unless that was done. Yields how many of its bytes were read, or null. */
  *open(path: string): Generator<number | null, RowIndex> {
    const { size, mtimeMs } = statSync(path)
    const key = [path, size, mtimeMs].join('\0')
    if (this.#open?.key !== key) {
      this.#open = null
      this.#open = { key, index: yield* indexRows(path) }
    }
    return this.#open.index
  }
}
