import { notice } from '../schema/notices.js'
import type { LinePlace } from './read-lines.js'
import type { TableRecord } from './row.js'

/** What the first records of a table say about its columns. */
export interface TableHeader {
  /** Each with a name of its own. */
  readonly columns: readonly string[]
  /** Where the first record after the header starts. */
  readonly start: LinePlace
  /** What a person should know about it. */
  readonly notices: readonly string[]
}

/** Column names are short; what is longer is a text. */
const longestName = 100
const fewestRecords = 4

/**
 * The columns of a table by its first records. Where the first record looks like the ones after it (a number over numbers, a
 * label that comes again, a long text), there is no header, and columns are called `column 1` and so on; so are columns without
 * a name. Of two columns with one name, the second gets a number.
 *
 * @param records of which there is one at least
 * @param place of the first record, or of what comes before it
 */
export function tableHeader(records: readonly TableRecord[], place: LinePlace): TableHeader {
  const [first, ...rest] = records
  const hasHeader = !looksLikeData(first, rest)
  if (!hasHeader) {
    const columns = first.values.map((_, index) => numberedName(index))
    const names = columns.map((name) => `'${name}'`).join(', ')
    return {
      columns,
      start: place,
      notices: [notice('header-missing', { list: names })],
    }
  }
  // Spreadsheets write a delimiter for each column that was ever used.
  const used = first.values.findLastIndex((name) => name.trim() !== '') + 1
  const columns: string[] = []
  const notices: string[] = []
  for (const [index, value] of first.values.slice(0, Math.max(1, used)).entries()) {
    const name = value.trim() === '' ? numberedName(index) : value.trim()
    const own = ownName(name, columns)
    if (own !== name) notices.push(notice('header-repeated', { name, column: index + 1, own }))
    columns.push(own)
  }
  const lineCount = first.text().split('\n').length
  return { columns, start: { offset: first.end, number: first.line + lineCount }, notices }
}

function looksLikeData(first: TableRecord, rest: readonly TableRecord[]): boolean {
  if (first.values.some((value) => value.length > longestName)) return true
  if (rest.length < fewestRecords) return false
  return first.values.some((value, index) => {
    const others = rest.map(({ values }) => values[index] ?? '')
    return value.trim() !== '' && (continuesNumbers(value, others) || isRepeatedLabel(value, others))
  })
}

function continuesNumbers(value: string, others: readonly string[]): boolean {
  return isNumber(value) && others.every((other) => other.trim() === '' || isNumber(other))
}

/** True for one of few values that come again and again. Once would be a header in the middle of joined files. */
function isRepeatedLabel(value: string, others: readonly string[]): boolean {
  const again = others.filter((other) => other === value).length
  return again >= 2 && new Set(others).size <= others.length / 2
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text))
}

function ownName(name: string, taken: readonly string[]): string {
  let own = name
  for (let number = 2; taken.includes(own); number++) own = `${name} (${number})`
  return own
}

function numberedName(index: number): string {
  return `column ${index + 1}`
}
