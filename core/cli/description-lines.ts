import { basename } from 'node:path'
import type { DataDescription } from '../data/describe-data.js'
import { reasonSentence } from '../data/guess/guess-reason.js'
import { badRowLines } from './bad-row-lines.js'
import { formatCount } from './format.js'

const shownRows = 5
const sampleCharacters = 48

/** What is in a data file, as lines for people. */
export function descriptionLines(path: string, description: DataDescription): string[] {
  const { format, columns, rowCount, emptyRowCount, badRowCount, badRows, guess } = description
  const width = Math.max(...columns.map(({ name }) => name.length), 0)
  return [
    `${basename(path)}: ${formatCount(rowCount)} rows, ${columns.length} columns, read as ${format}`,
    ...columns.map(({ name, kind, filledCount, distinctCount, samples }) => {
      const different = distinctCount === null ? 'many values' : `${formatCount(distinctCount)} values`
      const empty = rowCount - filledCount
      const first = samples.slice(0, 1).map((sample) => `  ${JSON.stringify(shortened(sample))}`)
      return `  ${name.padEnd(width)}  ${kind}, ${different}${empty > 0 ? `, ${formatCount(empty)} empty` : ''}${first.join('')}`
    }),
    ...(badRowCount > 0 ? [`${formatCount(badRowCount)} rows cannot be read:`] : []),
    ...(emptyRowCount > 0 ? [`${formatCount(emptyRowCount)} rows are empty`] : []),
    ...badRows.slice(0, shownRows).flatMap((row) => badRowLines(row)),
    ...(guess === null
      ? ['no task suggests itself']
      : [`suggested task: ${JSON.stringify(guess.task)}`, `  since ${reasonSentence(guess.reason)}`]),
  ]
}

function shortened(text: string): string {
  return text.length > sampleCharacters ? `${text.slice(0, sampleCharacters)}…` : text
}
