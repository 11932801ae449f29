import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { collectBadRows } from '../../../core/data/bad-rows.js'
import { readLayout } from '../../../core/data/layout.js'
import { readRows } from '../../../core/data/read-rows.js'
import { EngineError } from '../../../core/schema/engine-error.js'
import { dataFile } from '../../support/data-file.js'

const folder = join(import.meta.dirname, '../../fixtures/data')

/** What a file of the corpus should give: everything that is read of it, or the error. */
interface Expected {
  readonly format?: string
  readonly columns?: readonly string[]
  readonly notices?: readonly string[]
  readonly rows?: readonly object[]
  readonly bad?: readonly object[]
  readonly error?: readonly [code: string, message: string]
}

const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Record<string, Expected>

function found(name: string): Expected {
  const path = join(folder, name)
  try {
    const layout = readLayout(path)
    const badRows = collectBadRows(true)
    const rows = [...readRows(path, layout, badRows)]
    const bad = badRows.rows().map(({ line, problem }) => ({ line, problem }))
    const notices = layout.notices.map((notice) => notice.replace(`${path} `, ''))
    return {
      format: layout.format,
      rows: rows.map(({ line, fields }) => ({ line, ...Object.fromEntries(fields) })),
      ...(bad.length > 0 && { bad }),
      ...(notices.length > 0 && { notices }),
      columns: layout.columns,
    }
  } catch (thrown) {
    if (!(thrown instanceof EngineError)) throw thrown
    return { error: [thrown.code, thrown.message.replace(path, '').replace(/^:? /, '')] }
  }
}

describe('the corpus of odd files', () => {
  it('has what is expected of each', () => {
    const names = readdirSync(folder).filter((name) => name !== 'make.py' && name !== 'expected.json')
    expect(names.length).toBeGreaterThanOrEqual(60)
    expect(names.toSorted()).toEqual(Object.keys(expected).toSorted())
  })

  it.each(Object.keys(expected))('%s is read as expected', (name) => {
    expect(found(name)).toEqual(expected[name])
  })

  it('goes on from the place of any of its rows', () => {
    for (const [name, { rows = [] }] of Object.entries(expected)) {
      if (rows.length === 0) continue
      const path = join(folder, name)
      const layout = readLayout(path)
      const all = [...readRows(path, layout, collectBadRows(true))]
      for (const [index, { offset, line }] of all.entries()) {
        // Questions of one article have no place of their own.
        if (offset === undefined) continue
        const rest = [...readRows(path, layout, collectBadRows(true), { offset, number: line })]
        expect(rest.map(({ fields }) => fields)).toEqual(all.slice(index).map(({ fields }) => fields))
      }
    }
  })
})

describe('a cell of 5 MB', () => {
  const text = 'word, "quoted" and more\n'.repeat(220_000)

  it.each([
    ['rows.csv', `id,text\n1,"${text.replaceAll('"', '""')}"\n2,short\n`],
    ['rows.jsonl', `${JSON.stringify({ id: '1', text })}\n${JSON.stringify({ id: '2', text: 'short' })}\n`],
    [
      'rows.json',
      JSON.stringify([
        { id: '1', text },
        { id: '2', text: 'short' },
      ]),
    ],
  ])('is read whole in %s', (name, content) => {
    const path = dataFile(name, content)
    const rows = [...readRows(path, readLayout(path), collectBadRows(false))]
    expect(rows.map(({ fields }) => fields.get('text') === text)).toEqual([true, false])
  })

  it('is one bad row where it is over the limit', () => {
    const path = dataFile('rows.jsonl', `{"a":"${'x'.repeat(9_000_000)}"}\n{"a":"b"}\n`)
    const badRows = collectBadRows(true)
    expect([...readRows(path, readLayout(path), badRows)].map(({ line }) => line)).toEqual([2])
    expect(badRows.messages()[0]).toMatch(/line 1: expected a line of at most 8388608 bytes, found 9000008/)
  })
})

describe('a list in JSON', () => {
  it('may be one line longer than any line can be', () => {
    const row = { text: 'x'.repeat(1000) }
    const path = dataFile('rows.json', JSON.stringify(Array.from({ length: 9000 }, () => row)))
    const rows = [...readRows(path, readLayout(path), collectBadRows(false))]
    expect(rows.map(({ line }) => line).at(-1)).toBe(9000)
  })
})
