import { hashName } from '../random/derive-seed.js'
import { dataInsufficient } from './data-error.js'
import type { LoadedDataset } from './load-dataset.js'
import { seededLines } from './seeded-lines.js'

const purpose = hashName('shots')

/**
 * Chooses the rows that stand in front of every prompt, from rows to train on only. Where rows have labels, each label comes in
 * turn, so that the model sees all of them.
 *
 * @returns lines, in the order in which they are to stand
 * @throws data-insufficient where no row would be left to train on
 */
export function chooseShotLines(
  { path, dataset, rows }: LoadedDataset,
  { count, seed }: { readonly count: number; readonly seed: number },
): readonly number[] {
  if (rows.lines.length <= count) {
    throw dataInsufficient(path, `has too few rows to put ${count} of them in front of prompts`)
  }
  const labels = new Map<number, number>()
  for (const example of dataset.examples)
    if (example.kind === 'label') labels.set(example.line, example.label)
  const byLabel = new Map<number, number[]>()
  for (const line of seededLines(rows.lines, seed, purpose)) {
    const label = labels.get(line) ?? 0
    const lines = byLabel.get(label)
    if (lines === undefined) byLabel.set(label, [line])
    else lines.push(line)
  }
  const queues = [...byLabel].sort(([a], [b]) => a - b).map(([, lines]) => lines)
  const longest = Math.max(...queues.map(({ length }) => length))
  const inTurn = Array.from({ length: longest }, (_, turn) =>
    queues.flatMap((lines) => lines.slice(turn, turn + 1)),
  )
  return inTurn.flat().slice(0, count)
}
