import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeTinyGguf, type TinyModel } from './tiny-gguf.js'

/** Files for a run of seconds: a tiny model, and rows of two labels. */
export interface TinyFiles {
  readonly folder: string
  readonly model: string
  readonly train: string
  readonly dev: string
  /** Flags of `train` that name the data and the task. */
  readonly data: readonly string[]
  readonly task: readonly string[]
}

/** Writes a tiny model and its rows to a folder. */
export function writeTinyFiles(folder: string, options: Partial<TinyModel> = {}): TinyFiles {
  mkdirSync(folder, { recursive: true })
  const file = (name: string): string => join(folder, name)
  const [model, train, dev] = [file('tiny.gguf'), file('train.tsv'), file('dev.tsv')]
  writeTinyGguf(model, options)
  writeFileSync(train, table(24))
  writeFileSync(dev, table(8))
  const task = ['--prompt', '{word} is', '--label-column', 'kind', '--labels', '{"0":" a","1":" b"}']
  return { folder, model, train, dev, data: ['--data', train, '--dev', dev], task }
}

function table(rows: number): string {
  const words = ['sun', 'rain', 'tea', 'milk', 'stone', 'wood']
  const lines = Array.from({ length: rows }, (_, row) => `${words[row % 6]} ${row}\t${row % 2}`)
  return `word\tkind\n${lines.join('\n')}\n`
}
