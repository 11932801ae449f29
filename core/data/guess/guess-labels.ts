import type { ColumnStatistics } from '../column-statistics.js'
import type { TaskGuess } from './guess-reason.js'
import { isAsideName, isLabelName, plainName, textPairs } from './column-names.js'

/** Most values of a column that is called as labels are. */
const mostNamed = 500
/** Most values of any other column that is taken for labels. */
const mostUnnamed = 64
/** A label is a word or a few, not a sentence. */
const longestLabel = 60
/** Names that say nothing about what is labelled. */
const plainLabel = /^(column_\d+|v\d+|y|label.*|.*_label|target|class_index|folder|labels)$/

/** A label column and the texts that it is about; null where there is no such column. */
export function guessLabels(columns: readonly ColumnStatistics[], rowCount: number): TaskGuess | null {
  const label = findLabel(columns, rowCount)
  const texts = label === null ? [] : labelledTexts(columns.filter((column) => column !== label))
  if (label?.distinctCount == null || texts.length === 0) return null
  const { name: column, distinctCount } = label
  const prompt = `${texts.map(({ name }) => `{${name}}`).join('\n')}\n${titleOf(column)}:`
  return {
    task: { version: 1, kind: 'labels', prompt, labelColumn: column },
    reason: isLabelName(column)
      ? { code: 'label-name', column, distinctCount }
      : { code: 'few-distinct-values', column, distinctCount, rowCount },
  }
}

function findLabel(columns: readonly ColumnStatistics[], rowCount: number): ColumnStatistics | null {
  const few = columns.filter(
    ({ distinctCount, longestCharacters, kind }) =>
      (kind === 'text' || kind === 'number' || kind === 'boolean') &&
      distinctCount !== null &&
      distinctCount >= 2 &&
      distinctCount <= mostNamed &&
      distinctCount * 2 <= rowCount &&
      longestCharacters <= longestLabel,
  )
  const isWhole = ({ kind, samples }: ColumnStatistics): boolean =>
    kind !== 'number' || samples.every((sample) => Number.isInteger(Number(sample)))
  const named = few.filter((column) => isLabelName(column.name) && isWhole(column))
  // Where numbers and their names stand side by side, the names say more; of finer and coarser labels, the coarser.
  const byMeaning = named.toSorted(
    (a, b) =>
      Number(a.kind === 'number') - Number(b.kind === 'number') ||
      (a.distinctCount ?? 0) - (b.distinctCount ?? 0),
  )
  if (byMeaning.length > 0) return byMeaning[0]
  const unnamed = few.filter(
    ({ name, distinctCount }) => !isAsideName(name) && distinctCount !== null && distinctCount <= mostUnnamed,
  )
  const fewer = unnamed.filter(({ distinctCount }) => (distinctCount ?? 0) < rowCount / 2)
  return fewer.findLast(({ kind }) => kind !== 'number') ?? fewer.at(-1) ?? null
}

/** A pair of texts that belong together, or the column with the most to read. */
function labelledTexts(columns: readonly ColumnStatistics[]): readonly ColumnStatistics[] {
  const texts = columns.filter(({ kind }) => kind === 'text')
  const byName = (wanted: string): ColumnStatistics | undefined =>
    texts.find(({ name }) => plainName(name) === wanted)
  for (const pair of textPairs) {
    const found = pair.flatMap((name) => byName(name) ?? [])
    if (found.length === pair.length) return found
  }
  const main = texts.filter(({ name }) => !isAsideName(name) && !isLabelName(name))
  const twins = twinsOf(main)
  if (twins !== null) return twins
  const byLength = (main.length > 0 ? main : texts).toSorted((a, b) => b.meanCharacters - a.meanCharacters)
  return byLength.slice(0, 1)
}

/** Two columns whose names differ in a 1 and a 2, or in an A and a B, alone. */
function twinsOf(columns: readonly ColumnStatistics[]): readonly ColumnStatistics[] | null {
  for (const first of columns) {
    const other = first.name.replace('1', '2').replace(/(^|[^a-z])a($|[^a-z])/i, '$1b$2')
    const second = columns.find(({ name }) => name.toLowerCase() === other.toLowerCase())
    if (second !== undefined && second !== first) return [first, second]
  }
  return null
}

/** `support_team` as a person would begin a line with it. */
function titleOf(name: string): string {
  if (plainLabel.test(plainName(name))) return 'Label'
  const words = name.replaceAll(/[_-]+/g, ' ')
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}
