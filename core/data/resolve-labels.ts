import { rowProblem } from '../schema/row-problems.js'
import type { LabelsTask } from '../schema/task.js'
import { collectBadRows } from './bad-rows.js'
import { dataInsufficient, dataInvalid, shown } from './data-error.js'
import { surveyColumns, type DistinctValues } from './distinct-values.js'
import { findLabelColumn, maxGuessedLabels } from './label-column.js'
import type { Layout } from './layout.js'
import { labelWords } from './label-words.js'
import type { Row } from './row.js'
import { rowTemplate } from './read-template.js'
import type { Tokenizer } from './tokenizer/tokenizer.js'
import { requestIssue } from '../schema/request-issues.js'

/** Most labels that are taken from a file. */
const maxLabels = 1000
/** Unknown labels that a message names. */
const namedLabels = 5

/** A labels task in which nothing is left to find out. */
export type ResolvedLabelsTask = Omit<LabelsTask, 'labelColumn' | 'labels'> & {
  labelColumn: string
  labels: Record<string, string>
}

/** Whether nothing is left to find out in a labels task. */
export function isResolved(task: LabelsTask): task is LabelsTask & ResolvedLabelsTask {
  return task.labels !== undefined && task.labelColumn !== undefined
}

/** What decides the labels of a task. */
export interface LabelSource {
  readonly path: string
  readonly tokenizer: Tokenizer
  readonly layout: Layout
  /** Column of the file for a column that the task names. */
  readonly columnOf: (name: string) => string
  readonly limit: number
  readonly skipBadRows: boolean
  /** Which rows are used at all; every one where it is left out. */
  readonly passes?: (row: Row) => boolean
  /** Training needs rows of two labels at least. */
  readonly purpose: 'train' | 'evaluate'
}

/**
 * Fills in the label column and the labels from the file, and checks that the file goes with them.
 *
 * @throws data-invalid (labels that the task does not have), data-insufficient (no rows, one label), request-invalid
 */
export function resolveLabels(task: LabelsTask, source: LabelSource): ResolvedLabelsTask {
  const { path, layout, columnOf } = source
  const used = new Set(rowTemplate(task.prompt, task.syntax).columns.map(columnOf))
  const named = task.labelColumn === undefined ? undefined : columnOf(task.labelColumn)
  const columns = named === undefined ? layout.columns.filter((column) => !used.has(column)) : [named]
  if (columns.length === 0) {
    throw requestIssue('labels-nowhere', { file: path })
  }
  const badRows = collectBadRows(source.skipBadRows)
  const limitValues = named === undefined ? maxGuessedLabels : maxLabels
  const survey = surveyColumns(path, layout, columns, { ...source, limitValues, badRows })
  if (survey.rowCount === 0)
    throw dataInsufficient(path, noRows(badRows.messages(), source.passes !== undefined))
  const column = named ?? findLabelColumn(path, survey)
  const values = withAliases(survey.columns.get(column), task.aliases ?? {})
  if (!values?.counts) {
    throw dataInvalid(
      path,
      0,
      column,
      `expected at most ${maxLabels} different labels, each a text, found something else`,
    )
  }
  const labels = task.labels ?? labelsFromValues(values.counts, task, source.tokenizer)
  if (!source.skipBadRows) refuseUnknownLabels(path, column, labels, values)
  const seen = Object.keys(labels).filter((label) => values.counts?.has(label))
  if (Object.keys(labels).length < 2 || (source.purpose === 'train' && seen.length < 2)) {
    const found = seen.length === 1 ? `only ${shown(seen[0])}` : 'none'
    throw dataInsufficient(
      path,
      `has too few labels: expected two or more in column '${column}', found ${found}`,
    )
  }
  return { ...task, labelColumn: task.labelColumn ?? column, labels }
}

/** What `data-insufficient` says of a file without usable rows. */
export function noRows(messages: readonly string[], isFiltered = false): string {
  if (isFiltered && messages.length === 0) return 'has no row that meets the filters'
  return messages.length > 0 ? `has no usable rows; the first: ${messages[0] ?? ''}` : 'has no rows'
}

/** The values by the names of their labels. */
function withAliases(
  values: DistinctValues | undefined,
  aliases: Readonly<Record<string, string>>,
): DistinctValues | undefined {
  if (values?.counts == null || Object.keys(aliases).length === 0) return values
  const counts = new Map<string, number>()
  for (const [value, count] of values.counts) {
    const name = labelName(value, aliases)
    counts.set(name, (counts.get(name) ?? 0) + count)
  }
  const firstLines = [...values.firstLines].map(([value, line]) => [labelName(value, aliases), line] as const)
  return { counts, firstLines: new Map(firstLines.toReversed()) }
}

/** The name of the label that a file writes as `value`. */
export function labelName(value: string, aliases: Readonly<Record<string, string>> = {}): string {
  return Object.hasOwn(aliases, value) ? aliases[value] : value
}

/** Labels in a fixed order, whatever the order of the rows. */
function labelsFromValues(
  counts: ReadonlyMap<string, number>,
  { prompt, chat }: LabelsTask,
  tokenizer: Tokenizer,
): Record<string, string> {
  return labelWords([...counts.keys()].sort(), { tokenizer, prompt, usesChat: chat === true })
}

function refuseUnknownLabels(
  path: string,
  column: string,
  labels: Readonly<Record<string, string>>,
  { firstLines }: DistinctValues,
): void {
  const unknown = [...firstLines].filter(([value]) => !Object.hasOwn(labels, value))
  const first = unknown.at(0)
  if (!first) return
  const list = unknown.slice(0, namedLabels).map(([value, line]) => `${shown(value)} (line ${line})`)
  const more = unknown.length > namedLabels ? ` and ${unknown.length - namedLabels} more` : ''
  const found = `${list.join(', ')}${more}`
  throw dataInvalid(path, first[1], column, rowProblem('label-unknown', { list: labelList(labels), found }))
}

/** The labels of a task, for a message about one that it does not have. */
export function labelList(labels: Readonly<Record<string, string>>): string {
  return Object.keys(labels).map(shown).join(', ')
}
