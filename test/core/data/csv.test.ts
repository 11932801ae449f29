import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { collectBadRows } from '../../../core/data/bad-rows.js'
import { readCsv } from '../../../core/data/csv.js'
import { openTextFile } from '../../../core/data/files/text-file.js'
import { dataFile } from '../../support/data-file.js'
import { caughtError } from '../../support/caught-error.js'

const recordsOf = (content: string, skip = false, limitCharacters?: number) => {
  const badRows = collectBadRows(skip)
  const file = openTextFile(dataFile('rows.csv', content))
  const records = [...readCsv(file, ',', badRows, undefined, limitCharacters)]
  return { records, valuesOf: records.map(({ values }) => values), badRows }
}

describe('CSV', () => {
  it.each([
    [
      'plain fields',
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'CRLF',
      'a,b\r\n1,2\r\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'CRLF after a quote',
      '"a","b"\r\n"1","2"\r\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    ['a byte order mark before a quote', '\ufeff"a",b\n', [['a', 'b']]],
    [
      'no line end at the end',
      'a,b\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'empty fields',
      ',\n"",x\n',
      [
        ['', ''],
        ['', 'x'],
      ],
    ],
    ['a delimiter in quotes', '"a,b",c\n', [['a,b', 'c']]],
    [
      'doubled quotes',
      '"say ""hi""",b\n"""",""""""\n',
      [
        ['say "hi"', 'b'],
        ['"', '""'],
      ],
    ],
    ['quotes inside a plain field', '5" pipe,b "c" d\n', [['5" pipe', 'b "c" d']]],
    ['line ends in quotes', '"a\nb\r\n\r\nc",d\n', [['a\nb\n\nc', 'd']]],
    [
      'empty lines',
      '\n\na,b\n\n1,2\n\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
  ])('reads %s', (_, content, values) => {
    expect(recordsOf(content).valuesOf).toEqual(values)
  })

  it('gives back what was written with quotes', () => {
    const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', ' ', 'é') })
    const table = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1 })
    fc.assert(
      fc.property(table, (rows) => {
        const quoted = rows.map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(','))
        expect(recordsOf(`${quoted.join('\n')}\n`).valuesOf).toEqual(rows)
      }),
      { numRuns: 50 },
    )
  })

  it('numbers records by the line they start in', () => {
    const { records } = recordsOf('a,b\n"x\ny\nz",1\n\nw,2\n')
    expect(records.map(({ line }) => line)).toEqual([1, 2, 6])
  })

  it('names the line of text after a closing quote', () => {
    const error = caughtError(() => recordsOf('a,b\n"x"y,1\n'))
    expect(error).toMatchObject({ code: 'data-invalid', details: { line: 2 } })
    expect(error.message).toMatch(/expected ',' .* after a closing quote, found 'y'/)
  })

  it('names the line of a quote that is never closed', () => {
    const error = caughtError(() => recordsOf('a,b\n1,"x\n2,y\n3,z\n'))
    expect(error).toMatchObject({ code: 'data-invalid', details: { line: 2 } })
    expect(error.message).toMatch(/never closed/)
  })

  it('loses one line to broken quotes, not the rest of the file', () => {
    const { valuesOf, badRows } = recordsOf('a,b\n1,"x\n2,y\n"3"z,4\n5,"6"\n7,"8\n9,10', true)
    expect(valuesOf).toEqual([
      ['a', 'b'],
      ['2', 'y'],
      ['5', '6'],
      ['9', '10'],
    ])
    expect(badRows.count()).toBe(3)
  })

  it('stops looking for a closing quote at the limit', () => {
    const content = `a,b\n1,"x\n${'2,y\n'.repeat(50)}`
    const { valuesOf, badRows } = recordsOf(content, true, 100)
    expect(valuesOf.length).toBe(51)
    expect(badRows.count()).toBe(1)
  })
})
