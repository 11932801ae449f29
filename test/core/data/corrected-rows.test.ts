import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { collectBadRows } from '../../../core/data/bad-rows.js'
import { withCorrections } from '../../../core/data/corrected-rows.js'
import { rawRow } from '../../../core/data/index/raw-row.js'
import { indexRows, type RowIndex } from '../../../core/data/index/row-index.js'
import { readLayout } from '../../../core/data/layout.js'
import { readRows } from '../../../core/data/read-rows.js'
import { fingerprint } from '../../../core/data/row-fingerprint.js'
import { dataFile } from '../../support/data-file.js'

const files = [
  {
    name: 'a.csv',
    text: 'text,label\none,a\n"two" x,b\nthree,c\n',
    line: 3,
    fixed: '"two, at last\nand more",b',
  },
  { name: 'b.csv', text: 'text,label\none,a\ntwo\nthree,c\n', line: 3, fixed: 'two,b' },
  { name: 'a.tsv', text: 'text\tlabel\none\ta\ntwo\nthree\tc\n', line: 3, fixed: 'two\tb' },
  { name: 'a.jsonl', text: '{"text":"one"}\n{"text":\n{"text":"three"}\n', line: 2, fixed: '{"text":"two"}' },
  { name: 'a.json', text: '[{"text":"one"},{"text":},{"text":"three"}]', line: 2, fixed: '{"text":"two"}' },
  {
    name: 'a.txt',
    text: '| text | label |\n|---|---|\n| one | a |\n| two |\n| three | c |\n',
    line: 4,
    fixed: '| two | b |',
  },
] as const

describe('corrected rows', () => {
  it.each(files)(
    'of $name are read in the place of bad ones, and the file stays as it is',
    ({ name, text, line, fixed }) => {
      const path = dataFile(name, text)
      const before = rowsOf(path, [])
      expect(before.bad.map((each) => each.line)).toEqual([line])
      const { lines, texts, bad } = rowsOf(path, [{ line, text: fixed, was: null, isDev: false }])
      expect(bad).toEqual([])
      expect(lines).toEqual([before.lines[0], line, before.lines[1]])
      expect(texts[1]).toMatch(/^two/)
      expect(readFileSync(path, 'utf8')).toBe(text)
    },
  )

  it.each(files)('of $name are edited from their own text', ({ name, text, line }) => {
    const raw = rawRow(indexed(dataFile(name, text)), line)
    expect(raw).toMatch(/two|\{"text":/)
    expect(text).toContain(raw)
  })

  it('can also take the place of rows that could be read, at the end of a file too', () => {
    const path = dataFile('a.csv', 'text,label\none,a\ntwo,b\n')
    const { texts } = rowsOf(path, [{ line: 3, text: 'last,c', was: null, isDev: false }])
    expect(texts).toEqual(['one', 'last'])
    const torn = dataFile('b.csv', 'text,label\none,a\ntwo')
    expect(rowsOf(torn, [{ line: 3, text: 'last,c', was: null, isDev: false }]).texts).toEqual([
      'one',
      'last',
    ])
  })

  it('are used only where the file still has what they were made for', () => {
    const path = dataFile('a.csv', 'text,label\none,a\ntwo\n')
    const correction = { line: 3, text: 'two,b', isDev: false }
    expect(rowsOf(path, [{ ...correction, was: fingerprint('two') }]).texts).toEqual(['one', 'two'])
    const { texts, bad } = rowsOf(path, [{ ...correction, was: fingerprint('another') }])
    expect(texts).toEqual(['one'])
    expect(bad).toMatchObject([{ line: 3, problem: 'expected 2 fields as in the header, found 1' }])
  })

  it('that are wrong themselves are bad rows, with their own text', () => {
    const path = dataFile('a.csv', 'text,label\none,a\ntwo\nthree,c\n')
    const { texts, bad } = rowsOf(path, [{ line: 3, text: 'two,b\nand,c', was: null, isDev: false }])
    expect(texts).toEqual(['one', 'three'])
    expect(bad).toMatchObject([
      { line: 3, problem: 'expected one row, found a second line', preview: 'two,b\nand,c' },
    ])
  })

  it('have no text in what has no lines of text, and none where no row starts', () => {
    const parquet = 'test/fixtures/data/flat-none.parquet'
    expect(rawRow(indexed(parquet), 1)).toBeNull()
    expect(rawRow(indexed(dataFile('a.csv', 'text,label\n"one\nmore",a\ntwo,b\n')), 3)).toBeNull()
  })
})

function indexed(path: string): RowIndex {
  const indexing = indexRows(path)
  let next = indexing.next()
  while (next.done !== true) next = indexing.next()
  return next.value
}

function rowsOf(path: string, corrections: Parameters<typeof withCorrections>[1]) {
  const badRows = collectBadRows(true)
  const rows = [...readRows(path, withCorrections(readLayout(path), corrections), badRows)]
  return {
    lines: rows.map(({ line }) => line),
    texts: rows.map(({ fields }) => String(fields.get('text'))),
    bad: badRows.rows(),
  }
}
