import { rowProblem } from '../schema/row-problems.js'
import { collectBadRows, type BadRow } from './bad-rows.js'
import { ColumnTally, type ColumnStatistics } from './column-statistics.js'
import type { TaskGuess } from './guess/guess-reason.js'
import { guessTask } from './guess/guess-task.js'
import { readLayout, type Layout } from './layout.js'
import { readRows } from './read-rows.js'
import { shortened } from './shortened.js'

/** What a data file holds, before it is known what it is for. */
export interface DataDescription {
  readonly format: Layout['format']
  readonly columns: readonly ColumnStatistics[]
  /** Rows that could be read, empty ones included. */
  readonly rowCount: number
  readonly emptyRowCount: number
  readonly badRowCount: number
  /** The first 200 that are bad or empty. */
  readonly badRows: readonly BadRow[]
  readonly guess: TaskGuess | null
}

/** How a file is described. */
export interface DescribeOptions {
  /** Rows to look at; all where it is left out. */
  readonly limit?: number
  /** The model that they are for has a chat template. */
  readonly hasChat?: boolean
}

const rowsPerReport = 1000
const keptEmptyRows = 200
const previewCharacters = 300

/**
 * Reads a file and says what is in it. Bad rows are counted, never thrown.
 *
 * @returns yields how many rows were read so far
 * @throws file-unreadable, data-insufficient (nothing in it), data-invalid (its header)
 */
export function* describeData(
  path: string,
  { limit = Infinity, hasChat = false }: DescribeOptions = {},
): Generator<number, DataDescription> {
  const layout = readLayout(path)
  const badRows = collectBadRows(true)
  const tallies = layout.columns.map((name) => new ColumnTally(name))
  const emptyRows: BadRow[] = []
  let rowCount = 0
  let emptyRowCount = 0
  for (const { line, fields, text } of readRows(path, layout, badRows)) {
    if (rowCount === limit) break
    rowCount++
    // Every value is counted, whether or not one before it was there.
    const found = layout.columns.map((name, index) => tallies[index].add(fields.get(name)))
    if (found.every(Boolean)) {
      emptyRowCount++
      if (emptyRows.length < keptEmptyRows)
        emptyRows.push({
          line,
          column: '',
          problem: rowProblem('row-empty', {}),
          preview: shortened(text?.() ?? '', previewCharacters),
        })
    }
    if (rowCount % rowsPerReport === 0) yield rowCount
  }
  const columns = tallies.map((tally) => tally.statistics())
  return {
    format: layout.format,
    columns,
    rowCount,
    emptyRowCount,
    badRowCount: badRows.count(),
    badRows: [...badRows.rows(), ...emptyRows]
      .toSorted((left, right) => left.line - right.line)
      .slice(0, keptEmptyRows),
    guess: guessTask(columns, rowCount, hasChat),
  }
}
