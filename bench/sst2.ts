import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The task that all figures are measured on: is a sentence of a film review positive? */
export const sst2 = {
  prompt: '{sentence} It was',
  labelColumn: 'label',
  labels: { '0': ' terrible', '1': ' great' },
  /** Rows of the training file that a run uses. */
  rows: 4096,
  batchSize: 16,
} as const

/** Where the model and the data lie. */
export interface SharedFiles {
  readonly model: string
  readonly train: string
  readonly dev: string
}

/**
 * Files that are not ours and so not in the repository, from `ZEROTUNE_SHARED` or `../shared`.
 *
 * @throws Error that says what is missing
 */
export function sharedFiles(): SharedFiles {
  const folder = resolve(process.env.ZEROTUNE_SHARED ?? join('..', 'shared'))
  const files = {
    model: join(folder, 'models', 'SmolLM2-135M-Instruct.Q4_1.gguf'),
    train: join(folder, 'data', 'sst2', 'train.tsv'),
    dev: join(folder, 'data', 'sst2', 'dev.tsv'),
  }
  const missing = Object.values(files).filter((path) => !existsSync(path))
  if (missing.length > 0) throw new Error(`the benchmark needs ${missing.join(', ')}; set ZEROTUNE_SHARED`)
  return files
}
