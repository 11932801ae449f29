import { rowProblem } from '../schema/row-problems.js'
import { csvValues } from './csv.js'
import { objectFields } from './jsonl.js'
import type { Layout } from './layout.js'
import { pipeValues } from './pipe-table.js'

/** Values by column. */
export type Fields = ReadonlyMap<string, unknown>

/** The fields of one row that is written as the rows of a file are, or what is wrong with it. */
export function parseRow(layout: Layout, text: string): Fields | string {
  switch (layout.format) {
    case 'jsonl':
    case 'json': {
      return objectFields(text, 'object')
    }
    case 'csv': {
      const values = csvValues(text, layout.delimiter)
      return typeof values === 'string' ? values : namedFields(layout.columns, values)
    }
    case 'tsv':
      return oneLine(text) ?? namedFields(layout.columns, text.split('\t'))
    case 'pipes':
      return oneLine(text) ?? namedFields(layout.columns, pipeValues(text))
    case 'lines':
      if (text.trim() === '') return rowProblem('text-expected', { found: rowProblem('found-nothing', {}) })
      return oneLine(text) ?? new Map([['text', text]])
    case 'parquet':
    case 'folder':
      return rowProblem('row-without-text', {})
  }
}

function oneLine(text: string): string | null {
  return text.includes('\n') ? rowProblem('second-line', {}) : null
}

/** Values by the names of the columns, or what is wrong with their number. */
export function namedFields(
  columns: readonly string[],
  values: readonly string[],
): ReadonlyMap<string, string> | string {
  const surplus = values.slice(columns.length)
  // Spreadsheets write a delimiter for each column that was ever used.
  if (values.length >= columns.length && surplus.every((value) => value === ''))
    return new Map(columns.map((column, index) => [column, values[index]]))
  return rowProblem('fields-differ', { total: columns.length, count: values.length })
}
