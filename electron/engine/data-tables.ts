import { statSync } from 'node:fs'
import { readTable, type TableRow } from '../../core/index.js'
import { shownCharacters } from '../ipc/data.js'

/** Characters of all values that are kept of one file; rows beyond are read again when they are asked for. */
const keptCharacters = 64_000_000

interface Table {
  readonly key: string
  readonly rows: readonly TableRow[]
  readonly total: number
}

/** The rows of the file that a table shows, so that a page of it comes at once. */
export class DataTables {
  #table: Table | null = null

  /** Rows `offset` … `offset + count − 1`, and how many there are. @throws EngineError of `readTable` */
  page(path: string, offset: number, count: number): { total: number; rows: readonly TableRow[] } {
    const table = this.#open(path)
    const end = Math.min(offset + count, table.total)
    if (end <= table.rows.length) return { total: table.total, rows: table.rows.slice(offset, end) }
    const rows: TableRow[] = []
    let index = 0
    for (const row of readTable(path, shownCharacters)) {
      if (index >= end) break
      if (index++ >= offset) rows.push(row)
    }
    return { total: table.total, rows }
  }

  #open(path: string): Table {
    const { size, mtimeMs } = statSync(path)
    const key = [path, size, mtimeMs].join('\0')
    if (this.#table?.key === key) return this.#table
    const rows: TableRow[] = []
    let total = 0
    let characters = 0
    for (const row of readTable(path, shownCharacters)) {
      total++
      characters += row.values.reduce((sum, value) => sum + value.length, 0)
      if (characters <= keptCharacters) rows.push(row)
    }
    this.#table = { key, rows, total }
    return this.#table
  }
}
