import { rowOddities, type RowOddity } from '../schema/row-selection.js'
import type { LoadedDataset } from './load-dataset.js'
import { nearDuplicates } from './near-duplicates.js'
import { markOf } from './row-marks.js'

/** Rows that are odd in one way, by line, ascending. */
export interface OddRows {
  readonly oddity: RowOddity
  readonly lines: readonly number[]
  /** The row that each is the same as, or stands against; its line, in the held-out file for `held-out`. Empty for others. */
  readonly otherLines: readonly number[]
}

/**
 * Training rows that are odd, in the order of `rowOddities`; ways in which none is are left out. What is almost the same is found
 * where the rows have signatures; what is the same counts as that alone.
 *
 * @param wanted which ways to look for
 */
export function oddRows(
  train: LoadedDataset,
  dev: LoadedDataset | null,
  wanted: readonly RowOddity[] = rowOddities,
): OddRows[] {
  return rowOddities.flatMap((oddity) => {
    if (!wanted.includes(oddity)) return []
    const found = findOdd(oddity, train, dev)
    return found.lines.length === 0 ? [] : [found]
  })
}

function findOdd(oddity: RowOddity, train: LoadedDataset, dev: LoadedDataset | null): OddRows {
  switch (oddity) {
    case 'repeated':
      return { oddity, ...repeatedRows(train) }
    case 'contradicted':
      return { oddity, ...contradictedRows(train) }
    case 'nearly-repeated': {
      const same = new Set(repeatedRows(train).lines)
      const pairs = nearDuplicates(train.rows.signatures)
      return { oddity, ...linesOf(pairs, train, train, same) }
    }
    case 'held-out':
      return { oddity, ...(dev === null ? none : sharedRows(train, dev)) }
    case 'nearly-held-out': {
      if (dev === null) return { oddity, ...none }
      const same = new Set(sharedRows(train, dev).lines)
      const pairs = nearDuplicates(train.rows.signatures, dev.rows.signatures)
      return { oddity, ...linesOf(pairs, train, dev, same) }
    }
    default: {
      const mark = markOf(oddity)
      const { lines, marks } = train.rows
      return { oddity, lines: [...lines].filter((_, index) => (marks[index] & mark) !== 0), otherLines: [] }
    }
  }
}

type Lines = Omit<OddRows, 'oddity'>
const none: Lines = { lines: [], otherLines: [] }

/** Rows with the prompt and the answer of one before them. */
function repeatedRows({ rows: { lines, fingerprints, answers } }: LoadedDataset): Lines {
  const firstLines = new Map<string, number>()
  const found: Pair[] = []
  lines.forEach((line, index) => {
    const key = `${fingerprints[index]} ${answers[index]}`
    const first = firstLines.get(key)
    if (first === undefined) firstLines.set(key, line)
    else found.push([line, first])
  })
  return inOrder(found)
}

/** Every row whose prompt has two answers, beside the first row with another one. */
function contradictedRows({ rows: { lines, fingerprints, answers } }: LoadedDataset): Lines {
  const byPrompt = new Map<number, number[]>()
  fingerprints.forEach((print, index) => {
    const same = byPrompt.get(print)
    if (same === undefined) byPrompt.set(print, [index])
    else same.push(index)
  })
  const found: Pair[] = []
  for (const indices of byPrompt.values()) {
    if (indices.length < 2) continue
    for (const index of indices) {
      const other = indices.find((each) => answers[each] !== answers[index])
      if (other !== undefined) found.push([lines[index], lines[other]])
    }
  }
  return inOrder(found)
}

/** Training rows whose prompt a held-out row has. */
function sharedRows(train: LoadedDataset, dev: LoadedDataset): Lines {
  const devLines = new Map<number, number>()
  dev.rows.fingerprints.forEach((print, index) => {
    if (!devLines.has(print)) devLines.set(print, dev.rows.lines[index])
  })
  const found: Pair[] = []
  train.rows.fingerprints.forEach((print, index) => {
    const devLine = devLines.get(print)
    if (devLine !== undefined) found.push([train.rows.lines[index], devLine])
  })
  return inOrder(found)
}

type Pair = readonly [line: number, otherLine: number]

function linesOf(
  pairs: ReturnType<typeof nearDuplicates>,
  { rows }: LoadedDataset,
  { rows: others }: LoadedDataset,
  isCounted: ReadonlySet<number>,
): Lines {
  return inOrder(
    pairs
      .filter(({ index, otherIndex }) => rows.fingerprints[index] !== others.fingerprints[otherIndex])
      .map(({ index, otherIndex }): Pair => [rows.lines[index], others.lines[otherIndex]])
      .filter(([line]) => !isCounted.has(line)),
  )
}

function inOrder(pairs: readonly Pair[]): Lines {
  const sorted = pairs.toSorted(([left], [right]) => left - right)
  return { lines: sorted.map(([line]) => line), otherLines: sorted.map(([, other]) => other) }
}
