import { hashName } from '../random/derive-seed.js'
import { dataInsufficient, dataInvalid } from './data-error.js'
import type { LoadedDataset } from './load-dataset.js'
import { keepNotes } from './row-notes.js'
import { seededLines } from './seeded-lines.js'
import { chooseGroupLines } from './split-groups.js'

const purpose = hashName('split')
const defaultShare = 0.1
const maxDefaultCount = 2000

/**
 * Chooses rows to set aside for evaluation, the same share of every label and at least one row of each label left for
 * training. Whether a row comes early in its label's order depends on the seed and the row's line alone.
 *
 * @param count rows to set aside; a tenth of them, at most 2,000, where it is left out
 * @returns lines of the chosen rows, ascending
 * @throws data-insufficient where no row can be spared
 */
export function chooseDevLines(loaded: LoadedDataset, seed: number, count?: number): readonly number[] {
  const { path, rows } = loaded
  const labels = labelsOf(loaded)
  const wanted = Math.max(1, count ?? Math.min(maxDefaultCount, Math.round(rows.lines.length * defaultShare)))
  if (rows.groups.some((group) => group !== 0)) {
    const byLine = new Map(Array.from(rows.lines, (line, row) => [line, labels[row]]))
    const whole = chooseGroupLines(rows, byLine, wanted, seed)
    if (whole.length > 0) return whole
    throw dataInsufficient(path, 'has too few or too large groups to set one aside; give a file with --dev')
  }
  const groups = new Map<number, number[]>()
  rows.lines.forEach((line, row) => {
    const label = labels[row]
    const group = groups.get(label)
    if (group) group.push(line)
    else groups.set(label, [line])
  })
  const byLabel = [...groups].sort(([a], [b]) => a - b).map(([, lines]) => lines)
  const quotas = shareOut(
    wanted,
    byLabel.map((lines) => lines.length),
  )
  const chosen = byLabel.flatMap((lines, group) => seededLines(lines, seed, purpose, quotas[group]))
  if (chosen.length > 0) return chosen.sort((a, b) => a - b)
  throw dataInsufficient(path, 'has too few rows to set some aside for evaluation; give a file with --dev')
}

/**
 * Parts a dataset into rows to train on and rows to evaluate on.
 *
 * @param devLines as chooseDevLines gave them
 * @throws data-invalid where one of these lines is no usable row (any more)
 */
export function splitByLines(
  loaded: LoadedDataset,
  devLines: readonly number[],
): { readonly train: LoadedDataset; readonly dev: LoadedDataset } {
  const isDev = new Set(devLines)
  const usable = new Set(loaded.rows.lines.filter((line) => isDev.has(line)))
  const missing = devLines.find((line) => !usable.has(line))
  if (missing !== undefined) {
    throw dataInvalid(
      loaded.path,
      missing,
      '',
      'expected a usable row, as when the file was first split; found none',
    )
  }
  return {
    train: selectRows(loaded, (line) => !isDev.has(line)),
    dev: selectRows(loaded, (line) => isDev.has(line)),
  }
}

/** The rows whose lines are kept. */
export function selectRows(loaded: LoadedDataset, isKept: (line: number) => boolean): LoadedDataset {
  const { dataset, rows } = loaded
  return {
    ...loaded,
    dataset: { ...dataset, examples: dataset.examples.filter(({ line }) => isKept(line)) },
    rows: keepNotes(rows, isKept),
  }
}

/** The label of each row; 0 where rows have none. Examples come in the order of their rows, several of a text. */
function labelsOf({ dataset, rows: { lines } }: LoadedDataset): Uint32Array {
  const labels = new Uint32Array(lines.length)
  let row = 0
  for (const example of dataset.examples) {
    if (example.kind !== 'label') continue
    while (row < lines.length && lines[row] !== example.line) row++
    labels[row] = example.label
  }
  return labels
}

/** Shares `total` out in proportion to `sizes` (largest remainders first), always leaving one of each. */
function shareOut(total: number, sizes: readonly number[]): readonly number[] {
  const all = sizes.reduce((sum, size) => sum + size, 0)
  const exact = sizes.map((size) => (total * size) / all)
  const quotas = exact.map((share, group) => Math.min(Math.floor(share), sizes[group] - 1))
  const byRemainder = [...sizes.keys()].sort((a, b) => (exact[b] % 1) - (exact[a] % 1) || a - b)
  let open = total - quotas.reduce((sum, quota) => sum + quota, 0)
  while (open > 0) {
    const before = open
    for (const group of byRemainder) {
      if (open === 0 || quotas[group] >= sizes[group] - 1) continue
      quotas[group]++
      open--
    }
    if (open === before) break
  }
  return quotas
}
