import { rowOddities, type RowOddity } from '../schema/row-selection.js'
import type { LoadedDataset } from './load-dataset.js'
import { nearDuplicates } from './near-duplicates.js'
import { markOf } from './row-marks.js'
import { rowsByKey } from './rows-by-key.js'

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
      return { oddity, ...standingAgainst(train, repeatedRows(train), train) }
    case 'contradicted':
      return { oddity, ...standingAgainst(train, contradictedRows(train), train) }
    case 'nearly-repeated':
      return { oddity, ...nearlySame(train, repeatedRows(train), train) }
    case 'held-out':
      return { oddity, ...(dev === null ? none : standingAgainst(train, sharedRows(train, dev), dev)) }
    case 'nearly-held-out':
      return { oddity, ...(dev === null ? none : nearlySame(train, sharedRows(train, dev), dev)) }
    default: {
      const mark = markOf(oddity)
      const { lines, marks } = train.rows
      return { oddity, lines: [...lines.filter((_, index) => (marks[index] & mark) !== 0)], otherLines: [] }
    }
  }
}

type Lines = Omit<OddRows, 'oddity'>
const none: Lines = { lines: [], otherLines: [] }

/** For each row the first with its prompt and its answer; −1 for that row itself. */
function repeatedRows({ rows: { fingerprints, answers } }: LoadedDataset): Int32Array {
  const found = new Int32Array(fingerprints.length).fill(-1)
  for (const group of rowsByKey(found.length, (row) => fingerprints[row] ^ Math.imul(answers[row], 31))) {
    const firsts = new Map<string, number>()
    for (const row of group) {
      const key = `${fingerprints[row]} ${answers[row]}`
      const first = firsts.get(key)
      if (first === undefined) firsts.set(key, row)
      else found[row] = first
    }
  }
  return found
}

/** For each row whose prompt has two answers, the first row with another one; −1 for others. */
function contradictedRows({ rows: { fingerprints, answers } }: LoadedDataset): Int32Array {
  const found = new Int32Array(fingerprints.length).fill(-1)
  for (const group of rowsByKey(found.length, (row) => fingerprints[row])) {
    const firsts = new Map<number, number>()
    const seconds = new Map<number, number>()
    for (const row of group) {
      const print = fingerprints[row]
      const first = firsts.get(print)
      if (first === undefined) firsts.set(print, row)
      else if (answers[row] !== answers[first] && !seconds.has(print)) seconds.set(print, row)
    }
    for (const row of seconds.size === 0 ? [] : group) {
      const print = fingerprints[row]
      const first = firsts.get(print) ?? row
      if (seconds.has(print))
        found[row] = answers[row] === answers[first] ? (seconds.get(print) ?? -1) : first
    }
  }
  return found
}

/** For each training row the first held-out row that has its prompt; −1 for none. */
function sharedRows(train: LoadedDataset, dev: LoadedDataset): Int32Array {
  const devRows = new Map<number, number>()
  dev.rows.fingerprints.forEach((print, index) => {
    if (!devRows.has(print)) devRows.set(print, index)
  })
  return Int32Array.from(train.rows.fingerprints, (print) => devRows.get(print) ?? -1)
}

/** Rows that are almost the same as another but not the same, and are not already `counted`. */
function nearlySame({ rows }: LoadedDataset, counted: Int32Array, others: LoadedDataset): Lines {
  const compared = others.rows
  if (rows.signatures === null || compared.signatures === null) return none
  const found = nearDuplicates(rows.signatures, compared === rows ? undefined : compared.signatures)
  found.forEach((other, index) => {
    const isSame = other >= 0 && rows.fingerprints[index] === compared.fingerprints[other]
    if (isSame || counted[index] >= 0) found[index] = -1
  })
  return standingAgainst({ rows }, found, others)
}

/** The lines of rows that have another, and of that. */
function standingAgainst(
  { rows: { lines } }: Pick<LoadedDataset, 'rows'>,
  found: Int32Array,
  { rows: others }: Pick<LoadedDataset, 'rows'>,
): Lines {
  return {
    lines: [...lines.filter((_, index) => found[index] >= 0)],
    otherLines: Array.from(
      found.filter((other) => other >= 0),
      (other) => others.lines[other],
    ),
  }
}
