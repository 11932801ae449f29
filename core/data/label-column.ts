import type { ColumnSurvey } from './distinct-values.js'
import { requestIssue } from '../schema/request-issues.js'

/** Most values that a column may have to be taken for labels without being named. */
export const maxGuessedLabels = 64

/** What people call such a column. */
export const usualLabelNames: ReadonlySet<string> = new Set([
  'label',
  'labels',
  'class',
  'category',
  'target',
  'intent',
  'sentiment',
  'topic',
  'kind',
])

/**
 * Finds the label column where there is one obvious candidate: the only unused column with a usual name and few values,
 * or else the only unused column with few values.
 *
 * @param survey of the columns that the prompt leaves unused
 * @throws request-invalid where none or several could be meant
 */
export function findLabelColumn(path: string, survey: ColumnSurvey): string {
  const few = [...survey.columns].flatMap(([column, { counts }]) =>
    counts && counts.size > 0 && counts.size <= maxGuessedLabels ? [{ column, count: counts.size }] : [],
  )
  const named = few.filter(({ column }) => usualLabelNames.has(column.toLowerCase()))
  const repeating = few.filter(({ count }) => count >= 2 && count < survey.rowCount / 2)
  const candidates = named.length > 0 ? named : repeating
  const only = candidates.length === 1 ? candidates[0] : undefined
  if (only) return only.column
  if (candidates.length > 0) {
    const list = candidates.map(({ column, count }) => `'${column}' (${count} values)`).join(', ')
    throw requestIssue('label-column-among', { file: path, list })
  }
  const list = [...survey.columns.keys()].map((column) => `'${column}'`).join(', ')
  throw requestIssue('label-column-none', { file: path, list, end: maxGuessedLabels })
}
