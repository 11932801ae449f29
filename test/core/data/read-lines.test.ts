import fc from 'fast-check'
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { collectBadRows } from '../../../core/data/bad-rows.js'
import { readLines } from '../../../core/data/read-lines.js'
import { dataFile } from '../../support/data-file.js'
import { caughtError } from '../../support/caught-error.js'

const strict = () => collectBadRows(false)
const textsOf = (content: string | Uint8Array, limitBytes?: number) =>
  [...readLines(dataFile('lines.txt', content), strict(), limitBytes)].map(({ text }) => text)

describe('lines', () => {
  it('are those of the text, whatever its line ends and characters', () => {
    const line = fc
      .string({ unit: 'grapheme', maxLength: 20 })
      .map((text) => text.replace(/[\r\n\ufeff]/g, ''))
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), fc.constantFrom('\n', '\r\n'), (lines, end) => {
        expect(textsOf(lines.map((text) => text + end).join(''))).toEqual(lines)
      }),
      { numRuns: 50 },
    )
  })

  it('are numbered from 1 and may end without a line end', () => {
    expect([...readLines(dataFile('lines.txt', 'a\n\nb'), strict())]).toEqual([
      { number: 1, text: 'a' },
      { number: 2, text: '' },
      { number: 3, text: 'b' },
    ])
  })

  it('lose a byte order mark at the start of the file only', () => {
    expect(textsOf('\ufeffa\n\ufeffb\n')).toEqual(['a', '\ufeffb'])
  })

  it('may be longer than what is read at once, with characters across the seam', () => {
    const long = `${'x'.repeat(64 * 1024 - 1)}é${'y'.repeat(100_000)}`
    expect(textsOf(`${long}\nshort\n`)).toEqual([long, 'short'])
  })

  it('over the limit are refused with their number and length', () => {
    const error = caughtError(() => textsOf(`ok\n${'x'.repeat(200_000)}\n`, 100))
    expect(error).toMatchObject({ code: 'data-invalid', details: { line: 2 } })
    expect(error.message).toMatch(/at most 100 bytes, found 200000/)
    expect(textsOf(`${'x'.repeat(100)}\n`, 100)).toEqual(['x'.repeat(100)])
  })

  it('that are not UTF-8 are refused with their number', () => {
    const error = caughtError(() => textsOf(Buffer.from('ok\ncaf\xe9\n', 'latin1')))
    expect(error).toMatchObject({ code: 'data-invalid', details: { line: 2 } })
    expect(error.message).toMatch(/expected UTF-8 text/)
  })

  it('in UTF-16 are called by name', () => {
    expect(caughtError(() => textsOf(Buffer.from('\ufefflabel\n', 'utf16le'))).message).toMatch(/UTF-16/)
  })

  it('that are bad are left out and counted where bad rows are skipped', () => {
    const badRows = collectBadRows(true)
    const path = dataFile('lines.txt', Buffer.from('a\n\xff\nb\n\xfe\n', 'latin1'))
    expect([...readLines(path, badRows)].map(({ number }) => number)).toEqual([1, 3])
    expect(badRows.count()).toBe(2)
    expect(badRows.messages()[0]).toMatch(/line 2/)
  })

  it('of a missing file or a folder are unreadable', () => {
    const path = dataFile('lines.txt', '')
    expect(caughtError(() => [...readLines(`${path}.missing`, strict())]).code).toBe('file-unreadable')
    expect(caughtError(() => [...readLines(dirname(path), strict())]).code).toBe('file-unreadable')
  })
})

describe('skipped rows', () => {
  it('keep the first five messages', () => {
    const badRows = collectBadRows(true)
    const path = dataFile('lines.txt', Buffer.from('\xff\n'.repeat(9), 'latin1'))
    expect([...readLines(path, badRows)]).toEqual([])
    expect(badRows.count()).toBe(9)
    expect(badRows.messages().length).toBe(5)
  })
})
