import { hashName } from '../random/derive-seed.js'
import type { RowOddity, RowSelection } from '../schema/row-selection.js'
import { dataInsufficient } from './data-error.js'
import type { LoadedDataset } from './load-dataset.js'
import { oddRows } from './odd-rows.js'
import { seededLines } from './seeded-lines.js'
import { selectRows } from './split.js'

const balancePurpose = hashName('balance')
const samplePurpose = hashName('sample')

/** Training rows after a selection, and how many it took away. */
export interface ChosenRows {
  readonly train: LoadedDataset
  readonly leftOut: readonly { readonly oddity: RowOddity; readonly count: number }[]
  /** Rows that were named by their lines. */
  readonly leftOutByLine: number
  /** Rows that balancing and sampling took away. */
  readonly unsampled: number
}

/**
 * Takes named and odd rows out of the training rows, then evens out the labels, then draws a sample. Whether a row stays depends on the
 * seed and its line alone, so the same file, selection and seed give the same rows.
 *
 * @throws data-insufficient where nothing is left
 */
export function chooseTrainingRows(
  train: LoadedDataset,
  dev: LoadedDataset | null,
  selection: RowSelection,
  seed: number,
): ChosenRows {
  const named = new Set(selection.leaveOutLines)
  const taken = new Set(train.rows.lines.filter((line) => named.has(line)))
  const leftOutByLine = taken.size
  const leftOut = oddRows(train, dev, selection.leaveOut).map(({ oddity, lines }) => {
    const before = taken.size
    for (const line of lines) taken.add(line)
    return { oddity, count: taken.size - before }
  })
  const sound = taken.size === 0 ? train : selectRows(train, (line) => !taken.has(line))
  const even = selection.isBalanced ? balanced(sound, seed) : sound
  const drawn = selection.sample === null ? even : sampleRows(even, selection.sample, seed)
  if (drawn.rows.lines.length === 0)
    throw dataInsufficient(train.path, 'has no rows left to train on after the selection')
  return {
    train: drawn,
    leftOut,
    leftOutByLine,
    unsampled: sound.rows.lines.length - drawn.rows.lines.length,
  }
}

/** As many rows of each label as of the rarest. */
function balanced(loaded: LoadedDataset, seed: number): LoadedDataset {
  const byLabel = new Map<number, number[]>()
  for (const example of loaded.dataset.examples) {
    if (example.kind !== 'label') continue
    const lines = byLabel.get(example.label)
    if (lines === undefined) byLabel.set(example.label, [example.line])
    else lines.push(example.line)
  }
  if (byLabel.size === 0) return loaded
  const rarest = Math.min(...[...byLabel.values()].map(({ length }) => length))
  const kept = new Set(
    [...byLabel.values()].flatMap((lines) => seededLines(lines, seed, balancePurpose, rarest)),
  )
  return selectRows(loaded, (line) => kept.has(line))
}

/** So many rows, drawn by the seed; all where there are no more. */
export function sampleRows(loaded: LoadedDataset, count: number, seed: number): LoadedDataset {
  if (loaded.rows.lines.length <= count) return loaded
  const kept = new Set(seededLines(loaded.rows.lines, seed, samplePurpose, count))
  return selectRows(loaded, (line) => kept.has(line))
}
