import fc from 'fast-check'
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { collectBadRows } from '../../../core/data/bad-rows.js'
import { openTextFile } from '../../../core/data/files/text-file.js'
import { readLines } from '../../../core/data/read-lines.js'
import { dataFile } from '../../support/data-file.js'
import { caughtError } from '../../support/caught-error.js'

const strict = () => collectBadRows(false)
const linesOf = (content: string | Uint8Array, badRows = strict(), limitBytes?: number) => [
  ...readLines(openTextFile(dataFile('lines.txt', content)), badRows, undefined, limitBytes),
]
const textsOf = (content: string | Uint8Array, limitBytes?: number) =>
  linesOf(content, strict(), limitBytes).map(({ text }) => text)

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
    expect(linesOf('a\n\nb')).toEqual([
      { number: 1, text: 'a', offset: 0, end: 2 },
      { number: 2, text: '', offset: 2, end: 3 },
      { number: 3, text: 'b', offset: 3, end: 4 },
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

  it('that are not UTF-8 among others that are, are refused with their number', () => {
    const content = Buffer.concat([Buffer.from('thé\nété\n'), Buffer.from('caf\xe9\n', 'latin1')])
    const error = caughtError(() => textsOf(content))
    expect(error).toMatchObject({ code: 'data-invalid', details: { line: 3 } })
    expect(error.message).toMatch(/expected UTF-8 text/)
  })

  it.each([
    ['UTF-8', 'thé\nété\n', 'utf8'],
    ['Latin-1', 'ok\nthé\nété\n', 'latin1'],
    ['UTF-16 with a mark', '\ufeffthé\nétė ✓\n', 'utf16le'],
    ['UTF-16 without a mark', 'the quick brown thé\nété\n', 'utf16le'],
  ] as const)('may be in %s', (_, content, encoding) => {
    const lines = content.replace('\ufeff', '').trimEnd().split('\n')
    expect(textsOf(Buffer.from(content, encoding))).toEqual(lines)
  })

  it('may be in UTF-16 of the other byte order, with line ends that fall on a seam', () => {
    const lines = Array.from({ length: 3000 }, (_, index) => `${'Ċ'.repeat(index % 37)}ਊ${index}`)
    const bytes = Buffer.from(`\ufeff${lines.join('\r\n')}`, 'utf16le').swap16()
    expect(textsOf(bytes)).toEqual(lines)
  })

  it('of Windows-1252 have its quotes and its euro', () => {
    expect(textsOf(Buffer.from('\x93a\x94 \x80 5 \xe9\n', 'latin1'))).toEqual(['“a” € 5 é'])
  })

  it('that are not ASCII for the first time far into the file are read as what they are', () => {
    const ascii = 'x'.repeat(999) + '\n'
    const latin = Buffer.concat([Buffer.from(ascii.repeat(300)), Buffer.from('caf\xe9\n', 'latin1')])
    expect(textsOf(latin).at(-1)).toBe('café')
    expect(textsOf(`${ascii.repeat(300)}café\n`).at(-1)).toBe('café')
  })

  it('may end in CR alone', () => {
    expect(textsOf('a\rb\r')).toEqual(['a', 'b'])
  })

  it('are the same from any of their places on', () => {
    for (const encoding of ['utf8', 'utf16le'] as const) {
      const file = openTextFile(dataFile('lines.txt', Buffer.from('\ufeffé\nb\r\n\nddd\n', encoding)))
      const lines = [...readLines(file, strict())]
      for (const [index, line] of lines.entries()) {
        expect([...readLines(file, strict(), line)]).toEqual(lines.slice(index))
      }
    }
  })

  it('that are bad are left out and counted where bad rows are skipped', () => {
    const badRows = collectBadRows(true)
    const content = Buffer.concat([Buffer.from('é\n'), Buffer.from('\xff\n', 'latin1'), Buffer.from('é\n')])
    expect(linesOf(content, badRows).map(({ number }) => number)).toEqual([1, 3])
    expect(badRows.count()).toBe(1)
    expect(badRows.messages()[0]).toMatch(/line 2/)
  })

  it('of a missing file or a folder are unreadable', () => {
    const path = dataFile('lines.txt', '')
    expect(caughtError(() => openTextFile(`${path}.missing`)).code).toBe('file-unreadable')
    expect(caughtError(() => openTextFile(dirname(path))).code).toBe('file-unreadable')
  })
})

describe('skipped rows', () => {
  it('keep the first five messages', () => {
    const badRows = collectBadRows(true)
    const content = Buffer.concat([Buffer.from('é\n'.repeat(9)), Buffer.from('\xff\n'.repeat(9), 'latin1')])
    expect(linesOf(content, badRows).length).toBe(9)
    expect(badRows.count()).toBe(9)
    expect(badRows.messages().length).toBe(5)
  })
})
