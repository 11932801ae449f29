import { join, resolve } from 'node:path'
import type { Task } from '../core/schema/task.js'
import { sharedFiles, sst2 } from './sst2.js'

/** Rows that runs, and their peers, see alike. */
export interface BenchRows {
  readonly task: Task
  readonly train: string
  readonly dev: string
  /** Rows of the training file that a run uses. */
  readonly rows: number
  readonly batchSize: number
}

/** A task that figures are measured on, with its rows. */
export interface BenchTask extends BenchRows {
  readonly name: 'SST-2' | 'TREC'
  readonly task: Extract<Task, { kind: 'labels' }>
}

/** Is a sentence of a film review positive? */
export function sst2Task(): BenchTask {
  const { train, dev } = sharedFiles()
  const { prompt, labelColumn, labels, rows, batchSize } = sst2
  return {
    name: 'SST-2',
    task: { version: 1, kind: 'labels', prompt, labelColumn, labels: { ...labels } },
    train,
    dev,
    rows,
    batchSize,
  }
}

/** What kind of thing does a question ask for? Six kinds. */
export function trecTask(): BenchTask {
  const folder = resolve(sharedFiles().train, '..', '..', 'trec')
  const kinds = ['abbreviation', 'description', 'entity', 'human', 'location', 'number']
  return {
    name: 'TREC',
    task: {
      version: 1,
      kind: 'labels',
      prompt: 'Question: {question} The answer is a',
      labelColumn: 'kind',
      labels: Object.fromEntries(kinds.map((kind) => [kind, ` ${kind}`])),
    },
    train: join(folder, 'train.csv'),
    dev: join(folder, 'test.csv'),
    rows: 4096,
    batchSize: 16,
  }
}
