import type { RowFilter } from '../schema/row-selection.js'
import { valueText } from './column-statistics.js'
import { fieldValue, type Row } from './row.js'
import { requestIssue } from '../schema/request-issues.js'

/**
 * The test that a row has to pass.
 *
 * @param columnOf column of the file for one that a filter names
 * @throws request-invalid where a number is compared with what is none
 */
export function rowTest(
  filters: readonly RowFilter[],
  columnOf: (name: string) => string,
): (row: Row) => boolean {
  const tests = filters.map((filter) => filterTest(filter, columnOf(filter.column)))
  return (row) => tests.every((test) => test(row))
}

function filterTest({ of, relation, value }: RowFilter, column: string): (row: Row) => boolean {
  const textOf = (row: Row): string => valueText(fieldValue(row, column))
  const found = (row: Row): string => (of === 'length' ? String(Array.from(textOf(row)).length) : textOf(row))
  switch (relation) {
    case '=':
      return (row) => found(row) === value
    case '!=':
      return (row) => found(row) !== value
    case '~':
      return (row) => found(row).includes(value)
    case '!~':
      return (row) => !found(row).includes(value)
  }
  const limit = Number(value)
  if (value.trim() === '' || !Number.isFinite(limit)) {
    throw requestIssue('filter-number', { relation, found: value })
  }
  const compare = {
    '<': (x: number) => x < limit,
    '<=': (x: number) => x <= limit,
    '>': (x: number) => x > limit,
    '>=': (x: number) => x >= limit,
  }[relation]
  return (row) => {
    const text = found(row)
    return text.trim() !== '' && compare(Number(text))
  }
}
