import { describe, expect, it } from 'vitest'
import { collectBadRows } from '../../../core/data/bad-rows.js'
import { readLayout } from '../../../core/data/layout.js'
import { readRows } from '../../../core/data/read-rows.js'
import { dataFile } from '../../support/data-file.js'
import { caughtError } from '../../support/caught-error.js'

const layoutOf = (name: string, content: string) => readLayout(dataFile(name, content))
const rowsOf = (name: string, content: string, skip = false) => {
  const path = dataFile(name, content)
  const badRows = collectBadRows(skip)
  const rows = [...readRows(path, readLayout(path), badRows)]
  return { rows: rows.map(({ line, fields }) => ({ line, ...Object.fromEntries(fields) })), badRows }
}

describe('a layout', () => {
  it.each([
    ['rows.tsv', 'a\tb\n', 'tsv', ['a', 'b']],
    ['rows.TSV', 'a,b\tc\n', 'tsv', ['a,b', 'c']],
    ['rows.csv', 'a,b\n', 'csv', ['a', 'b']],
    ['rows.csv', '"a;x";b\n', 'csv', ['a;x', 'b']],
    ['rows.csv', 'a\tb\n', 'csv', ['a', 'b']],
    ['rows.csv', 'text\n', 'csv', ['text']],
    ['rows.csv', 'a, b\n', 'csv', ['a', 'b']],
    ['rows.jsonl', '{"a":1}\n{"b":2,"a":3}\n', 'jsonl', ['a', 'b']],
    ['rows.ndjson', '{"a":1}\n', 'jsonl', ['a']],
    ['rows.data', '\n{"a":1}\n', 'jsonl', ['a']],
    ['rows.txt', 'a\tb\n', 'tsv', ['a', 'b']],
    ['rows.txt', 'question,kind\n', 'csv', ['question', 'kind']],
    ['rows.txt', 'Once, there was\n', 'lines', ['text']],
    ['rows', '\ufeffid;text\n', 'csv', ['id', 'text']],
  ])('of %s with %j is %s', (name, content, format, columns) => {
    expect(layoutOf(name, content)).toMatchObject({ format, columns })
  })

  it.each(['rows.tsv', 'rows.csv', 'rows.jsonl', 'rows.txt'])('of an empty %s is refused', (name) => {
    for (const content of ['', '\n\n', '\ufeff']) {
      expect(caughtError(() => layoutOf(name, content)).code).toBe('data-insufficient')
    }
  })

  it('with two columns of one name numbers the second, and says so', () => {
    const layout = layoutOf('rows.csv', 'a,b,a\n1,2,3\n')
    expect(layout.columns).toEqual(['a', 'b', 'a (2)'])
    expect(layout.notices).toEqual(["the header has 'a' more than once; column 3 is called 'a (2)'"])
  })

  it.each([
    ['numbers over numbers', 'rows.csv', '0,one text\n1,another\n0,third\n1,more\n0,last\n'],
    ['a label that comes again', 'rows.tsv', 'ham\tGo now\nspam\tFree\nham\tOk\nham\tSee\nspam\tWin\n'],
    ['a long text', 'rows.csv', `yes,${'word '.repeat(30)}\nno,short\n`],
  ])('without a header, by %s, numbers its columns and keeps the first row', (_, name, content) => {
    const layout = layoutOf(name, content)
    expect(layout.columns).toEqual(['column 1', 'column 2'])
    expect(rowsOf(name, content).rows[0].line).toBe(1)
  })

  it('is not misled by delimiters in text, nor by empty columns at the end', () => {
    expect(layoutOf('rows.csv', 'id;text\n1;one, two, three\n2;a, b\n').columns).toEqual(['id', 'text'])
    expect(rowsOf('rows.csv', 'a,b,,\n1,2,,\n').rows).toEqual([{ line: 2, a: '1', b: '2' }])
    expect(rowsOf('rows.csv', 'sep=;\r\na;b\r\n1,5;2\r\n').rows).toEqual([{ line: 3, a: '1,5', b: '2' }])
  })
})

describe('rows', () => {
  it('of a TSV file keep their quotes', () => {
    const { rows } = rowsOf('rows.tsv', 'label\ttext\n0\t"a" "b\r\n1\t\n')
    expect(rows).toEqual([
      { line: 2, label: '0', text: '"a" "b' },
      { line: 3, label: '1', text: '' },
    ])
  })

  it('of plain text are its lines that are not blank', () => {
    expect(rowsOf('text.txt', ' \nOne line.\n\nAnother line.').rows).toEqual([
      { line: 2, text: 'One line.' },
      { line: 4, text: 'Another line.' },
    ])
  })

  it('of JSON Lines keep their values', () => {
    const { rows } = rowsOf('rows.jsonl', '{"a":1,"b":[true]}\r\n\n{"a":null}\n')
    expect(rows).toEqual([
      { line: 1, a: 1, b: [true] },
      { line: 3, a: null },
    ])
  })

  it.each([
    ['rows.csv', 'a,b\n1,2\n3\n', 3, 'b', /expected 2 fields as in the header, found 1/],
    ['rows.tsv', 'a\tb\n1\t2\t3\n', 2, '', /expected 2 fields as in the header, found 3/],
    ['rows.jsonl', '{"a":1}\n{"a":\n', 2, '', /expected one JSON object a line, found "\{\\"a\\":"/],
    ['rows.jsonl', '{"a":1}\n[1,2]\n', 2, '', /expected one JSON object a line, found a list/],
    ['rows.jsonl', `${'['.repeat(1e5)}${']'.repeat(1e5)}\n`, 1, '', /found a list/],
    ['rows.jsonl', 'null\n', 1, '', /found null/],
  ])('of %s that are broken are refused at their line (case %#)', (name, content, line, column, message) => {
    const error = caughtError(() => rowsOf(name, content))
    expect(error).toMatchObject({ code: 'data-invalid', details: { line, column } })
    expect(error.message).toMatch(message)
  })

  it('that are bad are counted where they are skipped', () => {
    const { rows, badRows } = rowsOf('rows.csv', 'a,b\n1\n1,2\n1,2,3\n"x"y,1\n4,5\n', true)
    expect(rows.map(({ line }) => line)).toEqual([3, 6])
    expect(badRows.count()).toBe(3)
  })
})
