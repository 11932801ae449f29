import { InvalidArgumentError, type Command } from 'commander'
import {
  filterRelations,
  rowOddities,
  rowSelection,
  type RowCorrection,
  type RowFilter,
  type RowOddity,
  type RowSelection,
} from '../schema/row-selection.js'
import { integer } from './option-values.js'

/** Flags that say which rows are used, and for what. */
export interface RowOptions {
  readonly where: readonly RowFilter[]
  readonly correct: readonly RowCorrection[]
  readonly leaveOut?: readonly RowOddity[]
  readonly leaveOutLines?: readonly number[]
  readonly balance?: boolean
  readonly sample?: number
  readonly groupBy?: string
  readonly devRows?: number
  readonly testRows?: number
  readonly maxTokens?: number
}

/** Adds those flags. */
export function withRowOptions(command: Command): Command {
  return command
    .option(
      '--where <condition>',
      "use only rows such as 'lang=en', 'text~refund', 'score>=3' or 'length(text)<2000'; may be given several times",
      collectFilter,
      [],
    )
    .option(
      '--correct <row>',
      "read a line of the data file as 'LINE=the whole row'; may be given several times, the file stays as it is",
      collectCorrection,
      [],
    )
    .option('--leave-out <oddities>', `do not train on rows that are: ${rowOddities.join(', ')}`, oddities)
    .option('--leave-out-lines <lines>', 'do not train on the rows of these lines, such as 3,7', lineNumbers)
    .option('--balance', 'train on as many rows of each label as the rarest has')
    .option('--sample <n>', 'train on so many rows, drawn by the seed', integer(1))
    .option('--group-by <column>', 'rows with the same value go to the same part')
    .option('--dev-rows <n>', 'rows to set aside for evaluation (default: a tenth, at most 2000)', integer(1))
    .option('--max-tokens <n>', 'rows of more tokens cannot be used', integer(2))
    .option('--test-rows <n>', "rows to set aside for 'eval RUN --part test'", integer(1))
}

/** Adds a condition to those before it. */
export function collectFilter(text: string, before: readonly RowFilter[]): readonly RowFilter[] {
  return [...before, rowFilterOf(text)]
}

/** Adds a correction to those before it. */
export function collectCorrection(text: string, before: readonly RowCorrection[]): readonly RowCorrection[] {
  const [, line = '', row = ''] = /^(\d+)=(.*)$/s.exec(text) ?? []
  if (Number(line) >= 1) return [...before, { line: Number(line), text: row, was: null, isDev: false }]
  throw new InvalidArgumentError("Expected a line and its row such as '12=the text,the label'.")
}

/** The selection that the flags describe. */
export function selectionFromOptions(options: RowOptions): RowSelection {
  const { where, correct, leaveOut, leaveOutLines, balance, sample, groupBy, devRows, testRows } = options
  return rowSelection.parse({
    corrections: correct,
    filters: where,
    leaveOut: leaveOut ?? [],
    leaveOutLines: leaveOutLines ?? [],
    isBalanced: balance === true,
    sample: sample ?? null,
    groupBy: groupBy ?? null,
    devRows: devRows ?? null,
    testRows: testRows ?? null,
  })
}

/** Relations, those that begin another one last. */
const relations = filterRelations.toSorted((left, right) => right.length - left.length).join('|')
const condition = new RegExp(`^(.+?)\\s*(${relations})(.*)$`, 's')

/** `length(text)<2000` as a filter. */
export function rowFilterOf(text: string): RowFilter {
  const [, subject = '', sign = '', value = ''] = condition.exec(text) ?? []
  const relation = filterRelations.find((each) => each === sign)
  if (relation === undefined) {
    throw new InvalidArgumentError(
      "Expected a condition such as lang=en, text~refund or 'length(text)<2000'.",
    )
  }
  const measured = /^length\((.+)\)$/s.exec(subject.trim())
  const column = (measured?.[1] ?? subject).trim()
  return { column, of: measured === null ? 'value' : 'length', relation, value: value.trimStart() }
}

function lineNumbers(text: string): readonly number[] {
  const lines = text.split(',').map((line) => Number(line.trim()))
  if (lines.every((line) => Number.isInteger(line) && line >= 1)) return lines
  throw new InvalidArgumentError('Expected lines such as 3,7.')
}

function oddities(text: string): readonly RowOddity[] {
  const names = text.split(',').map((name) => name.trim())
  const found = rowOddities.filter((oddity) => names.includes(oddity))
  if (names.every((name) => found.some((oddity) => oddity === name))) return found
  throw new InvalidArgumentError(`Expected some of ${rowOddities.join(',')}.`)
}
