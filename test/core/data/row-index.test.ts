import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { indexRows, readIndexed, type IndexedRow, type RowIndex } from '../../../core/data/index/row-index.js'
import { EngineError } from '../../../core/schema/engine-error.js'
import { dataFile } from '../../support/data-file.js'

const fixtures = join(import.meta.dirname, '../../fixtures/data')

function indexed(path: string): RowIndex {
  const indexing = indexRows(path)
  let next = indexing.next()
  while (next.done !== true) next = indexing.next()
  return next.value
}

const lineOf = (each: IndexedRow): number => (each.kind === 'row' ? each.row.line : each.bad.line)
const shown = (each: IndexedRow): object =>
  each.kind === 'row' ? { line: each.row.line, ...Object.fromEntries(each.row.fields) } : each.bad
const rowsOf = (index: RowIndex, start: number, count: number): IndexedRow[] => [
  ...readIndexed(index, start, count),
]

describe('an index of rows', () => {
  it('leads to every row of every odd file, bad ones included', () => {
    const names = readdirSync(fixtures).filter((name) => name !== 'make.py' && name !== 'expected.json')
    let checked = 0
    for (const name of names) {
      let index: RowIndex
      try {
        index = indexed(join(fixtures, name))
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(EngineError)
        continue
      }
      const all = rowsOf(index, 0, index.rowCount)
      expect([name, all.length]).toEqual([name, index.rowCount])
      for (let row = 0; row < index.rowCount; row++) {
        expect(rowsOf(index, row, 1).map(shown)).toEqual([shown(all[row])])
      }
      checked++
    }
    expect(checked).toBeGreaterThan(55)
  })

  it('stays small and exact where a file has more rows than marks', () => {
    const count = 300_000
    const lines = Array.from({ length: count }, (_, row) => (row % 7 === 3 ? '\n' : '') + `{"n":${row}}`)
    const index = indexed(dataFile('many.jsonl', `${lines.join('\n')}\n`))
    expect(index.rowCount).toBe(count)
    for (const row of [0, 1, 65_535, 65_536, 131_073, 222_222, count - 1]) {
      const [found] = rowsOf(index, row, 1)
      expect(shown(found)).toMatchObject({ n: row })
      expect(lineOf(found)).toBe(row + 1 + Math.floor((row + 4) / 7))
    }
    expect(rowsOf(index, count - 2, 10)).toHaveLength(2)
    expect(rowsOf(index, count, 10)).toEqual([])
  })

  it('tells blank lines from rows as the readers do', () => {
    const path = dataFile('blank.jsonl', '\ufeff{"a":1}\r\n   \r\n\u00a0\n{"a":2}\n\t\n[3]\n  {"a":4}')
    const index = indexed(path)
    expect(rowsOf(index, 0, 9).map(lineOf)).toEqual([1, 4, 6, 7])
    expect(index.rowCount).toBe(4)
  })

  it('can be given up between two reports', () => {
    const path = dataFile('long.jsonl', '{"a":1}\n'.repeat(400_000))
    const indexing = indexRows(path)
    expect(indexing.next()).toEqual({ done: false, value: 1024 * 1024 })
    expect(indexing.return(undefined as never).done).toBe(true)
  })
})
