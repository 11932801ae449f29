import type { BadRows } from './bad-rows.js'
import type { Layout } from './layout.js'
import { readRows } from './read-rows.js'
import { scalarText, type Row } from './row.js'

/** What a column holds. */
export interface DistinctValues {
  /** How many rows hold each value, in order of first appearance; null once there are more than the limit. */
  readonly counts: ReadonlyMap<string, number> | null
  /** Line of each value's first row. */
  readonly firstLines: ReadonlyMap<string, number>
}

/** Rows of a file, and the different values of some of its columns. */
export interface ColumnSurvey {
  readonly rowCount: number
  readonly columns: ReadonlyMap<string, DistinctValues>
}

/** How far a survey goes. */
export interface SurveyOptions {
  /** Different values of a column that are kept. */
  readonly limitValues: number
  /** Rows to look at. */
  readonly limit: number
  readonly badRows: BadRows
  /** Which rows count; every one where it is left out. */
  readonly passes?: (row: Row) => boolean
}

/**
 * Counts the different values of columns in one pass, keeping some of each. Empty and missing values
 * are not counted; a column with lists or objects in it counts as having too many.
 *
 * @throws file-unreadable, data-invalid
 */
export function surveyColumns(
  path: string,
  layout: Layout,
  columns: readonly string[],
  { limitValues, limit, badRows, passes = () => true }: SurveyOptions,
): ColumnSurvey {
  const tallies = columns.map((column) => ({
    column,
    counts: new Map<string, number>(),
    firstLines: new Map<string, number>(),
    isOver: false,
  }))
  let rowCount = 0
  for (const row of readRows(path, layout, badRows)) {
    const { line, fields } = row
    if (rowCount === limit) break
    if (!passes(row)) continue
    rowCount++
    for (const tally of tallies) {
      const value = fields.get(tally.column)
      if (tally.isOver || value === undefined || value === null || value === '') continue
      const text = scalarText(value)
      if (text === undefined) {
        tally.isOver = true
        continue
      }
      if (!tally.firstLines.has(text)) tally.firstLines.set(text, line)
      tally.counts.set(text, (tally.counts.get(text) ?? 0) + 1)
      tally.isOver = tally.counts.size > limitValues
    }
  }
  return {
    rowCount,
    columns: new Map(
      tallies.map(({ column, counts, firstLines, isOver }) => [
        column,
        { counts: isOver ? null : counts, firstLines },
      ]),
    ),
  }
}
