import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { collectBadRows } from '../../../core/data/bad-rows.js'
import { readLayout } from '../../../core/data/layout.js'
import { readRows } from '../../../core/data/read-rows.js'
import { EngineError } from '../../../core/schema/engine-error.js'
import { mutateBytes } from '../../support/mutate-bytes.js'
import { randomNumbers } from '../../support/random-numbers.js'

const fixtures = join(import.meta.dirname, '../../fixtures/data')
const folder = mkdtempSync(join(tmpdir(), 'zerotune-fuzz-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const filesPerReader = 10_000
const allowedBytes = 300e6
/** Rows that a damaged file of a few kilobytes can hold; more come out of nothing. */
const mostRows = 100_000

/** Files that each reader begins with. */
const readers: Readonly<Record<string, readonly string[]>> = {
  csv: [
    'quotes-in-quotes.csv',
    'line-ends-in-quotes.csv',
    'semicolons.csv',
    'excel-sep-line.csv',
    'utf16le-bom.csv',
  ],
  tsv: ['tsv-with-quotes.tsv', 'no-header-labels.tsv', 'utf16le-no-bom.tsv'],
  pipes: ['markdown-table.txt'],
  jsonl: ['rows.jsonl', 'nested.jsonl', 'escapes.jsonl', 'nan.jsonl', 'prototype.jsonl', 'chat.jsonl'],
  json: ['list-pretty.json', 'squad.json', 'sharegpt.json', 'wrapped.json', 'utf16.json'],
  text: ['prose.txt', 'prose-with-tab.txt', 'latin-1.csv'],
  gzip: ['rows.csv.gz', 'two-members.csv.gz'],
  zstd: ['rows.jsonl.zst'],
  parquet: [
    'flat-none.parquet',
    'flat-snappy.parquet',
    'flat-gzip.parquet',
    'flat-zstd.parquet',
    'flat-brotli.parquet',
    'flat-lz4.parquet',
    'nested.parquet',
    'pages-v2.parquet',
    'row-groups.parquet',
  ],
}

/** Reads all of a file. Returns how it ended. */
function outcomeOf(path: string): string {
  try {
    const badRows = collectBadRows(true)
    let count = 0
    for (const row of readRows(path, readLayout(path), badRows)) {
      if (row.fields.size > 10_000 || ++count > mostRows) return 'endless'
    }
    return badRows.count() > 0 ? 'bad rows' : 'whole'
  } catch (thrown) {
    if (thrown instanceof EngineError) return (thrown as EngineError).code
    throw thrown
  }
}

describe('readers of data', () => {
  it.each(Object.entries(readers))(
    `answer ${filesPerReader} damaged files with rows or an EngineError: %s`,
    (reader, names) => {
      const whole = names.map((name) => Uint8Array.from(readFileSync(join(fixtures, name))))
      const random = randomNumbers(reader.length * 7919 + reader.charCodeAt(0))
      const before = process.memoryUsage.rss()
      const outcomes = new Map<string, number>()
      let mostBytes = 0
      for (let count = 0; count < filesPerReader; count++) {
        const at = count % names.length
        const bytes = whole[at]
        const path = join(folder, names[at])
        // Some file systems flush a file that is written over.
        rmSync(path, { force: true })
        writeFileSync(path, mutateBytes(random, bytes, bytes.length, [0, bytes.length - 8]))
        const outcome = outcomeOf(path)
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
        mostBytes = Math.max(mostBytes, process.memoryUsage.rss() - before)
      }
      expect(outcomes.get('endless')).toBeUndefined()
      expect(mostBytes).toBeLessThan(allowedBytes)
      // Damage that is never met, or that always ends at the first byte, would test nothing else.
      expect(outcomes.size).toBeGreaterThan(1)
      expect(Math.max(...outcomes.values())).toBeLessThan(0.98 * filesPerReader)
    },
  )
})
