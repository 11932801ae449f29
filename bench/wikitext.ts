import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { sharedFiles } from './sst2.js'

const command = fileURLToPath(new URL('../../bin/zerotune.js', import.meta.url))

/** Running text: WikiText-2, its validation part to train on, and the beginning of its test part to measure on. */
export interface WikiText {
  readonly train: string
  readonly test: string
}

/** About 8,000 tokens. */
const testCharacters = 36_000

/** @param folder where the part that is measured on is written */
export function wikiText(folder: string): WikiText {
  const test = join(folder, 'test.txt')
  const text = readFileSync(wikiTextPart('test'), 'utf8').slice(0, testCharacters)
  writeFileSync(test, text.slice(0, text.lastIndexOf('\n') + 1))
  return { train: wikiTextPart('valid'), test }
}

/** The file of a part of WikiText-2. */
export function wikiTextPart(part: 'valid' | 'test'): string {
  return resolve(sharedFiles().train, '..', '..', 'wikitext2', `${part}.txt`)
}

/** Perplexity of a model or a run on lines of text, and how many lines. */
export async function perplexityOf(
  subject: string,
  file: string,
): Promise<{ perplexity: number; n: number }> {
  const args = [command, 'eval', subject, '--data', file, '--text', '{text}', '--skip-bad-rows', '--json']
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const { perplexity, n } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as {
    perplexity: number
    n: number
  }
  return { perplexity, n }
}
