import type { BadRows } from './bad-rows.js'
import type { Layout } from './layout.js'
import { readRows } from './read-rows.js'
import { scalarText } from './row.js'

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

/**
 * Counts the different values of columns in one pass, keeping at most `limitValues` of each. Empty and missing values
 * are not counted; a column with lists or objects in it counts as having too many.
 *
 * @param limitRows rows to look at
 * @throws file-unreadable, data-invalid
 */
export function surveyColumns(
  path: string,
  layout: Layout,
  columns: readonly string[],
  limitValues: number,
  limitRows: number,
  badRows: BadRows,
): ColumnSurvey {
  const tallies = columns.map((column) => ({
    column,
    counts: new Map<string, number>(),
    firstLines: new Map<string, number>(),
    isOver: false,
  }))
  let rowCount = 0
  for (const { line, fields } of readRows(path, layout, badRows)) {
    if (rowCount === limitRows) break
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
