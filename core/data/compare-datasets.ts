import { dataInvalid, shown } from './data-error.js'
import type { LoadedDataset } from './load-dataset.js'

const namedRows = 5

/** Rows to evaluate on that are also trained on. */
export interface Duplicates {
  readonly count: number
  /** The first of them. */
  readonly firstRows: readonly { readonly trainLine: number; readonly devLine: number }[]
}

/** Finds rows of `dev` whose input the model also meets in `train`; its figures say less for them. */
export function findDuplicates(train: LoadedDataset, dev: LoadedDataset): Duplicates {
  // Held-out rows are few, training rows may be millions.
  const wanted = new Set(dev.rows.fingerprints)
  const trainLines = new Map<number, number>()
  train.rows.fingerprints.forEach((fingerprint, index) => {
    if (wanted.has(fingerprint) && !trainLines.has(fingerprint))
      trainLines.set(fingerprint, train.rows.lines[index])
  })
  let count = 0
  const firstRows: { trainLine: number; devLine: number }[] = []
  dev.rows.fingerprints.forEach((fingerprint, index) => {
    const trainLine = trainLines.get(fingerprint)
    if (trainLine === undefined) return
    count++
    if (firstRows.length < namedRows) firstRows.push({ trainLine, devLine: dev.rows.lines[index] })
  })
  return { count, firstRows }
}

/**
 * Refuses to evaluate on labels that no training row has.
 *
 * @throws data-invalid naming them, at the first row that has one
 */
export function refuseUnseenLabels(train: LoadedDataset, dev: LoadedDataset): void {
  const { objective } = dev.dataset
  if (objective.kind !== 'labels') return
  const seen = new Set(train.dataset.examples.map((example) => example.kind === 'label' && example.label))
  const firstLines = new Map<number, number>()
  for (const example of dev.dataset.examples) {
    if (example.kind !== 'label' || seen.has(example.label) || firstLines.has(example.label)) continue
    firstLines.set(example.label, example.line)
  }
  const unseen = [...firstLines]
  if (unseen.length === 0) return
  const list = unseen
    .map(([label, line]) => `${shown(objective.options[label].name)} (line ${line})`)
    .join(', ')
  const column = dev.task.kind === 'labels' ? (dev.task.labelColumn ?? '') : ''
  const problem = `expected labels that ${train.path} also has, found labels never seen in training: ${list}`
  throw dataInvalid(dev.path, Math.min(...firstLines.values()), column, problem)
}
