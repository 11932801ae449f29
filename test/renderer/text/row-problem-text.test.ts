import { describe, expect, it } from 'vitest'
import { collectBadRows } from '../../../core/data/bad-rows.js'
import { readLayout } from '../../../core/data/layout.js'
import { readRows } from '../../../core/data/read-rows.js'
import { createFormat } from '../../../renderer/src/text/format.js'
import { createText } from '../../../renderer/src/text/i18n.js'
import { noticeText } from '../../../renderer/src/text/notice-text.js'
import { rowProblemText } from '../../../renderer/src/text/row-problem-text.js'
import type { Translate } from '../../../renderer/src/text/use-text.js'
import { dataFile } from '../../support/data-file.js'

const germanText = await createText('de')
const t: Translate = (key, values = {}) => germanText.global.t(key, values)
const format = createFormat('de')

/** What the app says of the bad rows of a file. */
function told(name: string, content: string): (string | null)[] {
  const path = dataFile(name, content)
  const badRows = collectBadRows(true)
  expect([...readRows(path, readLayout(path), badRows)].length).toBeGreaterThan(0)
  return badRows.rows().map(({ problem }) => rowProblemText(problem, t, format))
}

describe('what is wrong with a row', () => {
  it('is said in the person’s language, with the parts that the readers say', () => {
    expect(told('rows.jsonl', '{"a":1}\n{"a":\n[1]\n{"a":2}}\n')).toEqual([
      'Die Zeile sollte ein JSON-Objekt sein; sie ist "{\\"a\\":" (es endet zu früh).',
      'Die Zeile sollte ein JSON-Objekt sein; sie ist eine Liste.',
      'Die Zeile sollte ein JSON-Objekt sein; sie ist "{\\"a\\":2}}" (kein JSON bei Zeichen 8).',
    ])
    expect(told('rows.csv', 'a,b\n1,2\n1\n"x"y,1\n')).toEqual([
      'Die Zeile hat 1 Felder, der Kopf 2.',
      'Nach einem schließenden Anführungszeichen sollte „,“ oder das Zeilenende folgen, nicht „y“ (Zeichen 4).',
    ])
  })

  it('is said in a notice with its place', () => {
    const problem = "/rows/a.csv, line 3, column 'b': expected 2 fields as in the header, found 1"
    expect(noticeText(`a.csv: left out 2 bad rows, the first: ${problem}`, t, format)).toBe(
      'a.csv: 2 unbrauchbare Zeilen wurden weggelassen. Die erste: Zeile 3, Spalte „b“: Die Zeile hat 1 Felder, der Kopf 2.',
    )
  })

  it('stays as it is where a template said it', () => {
    expect(rowProblemText('must take turns', t, format)).toBeNull()
  })
})
