import { describe, expect, it } from 'vitest'
import { dataInvalid } from '../../../core/data/data-error.js'
import { EngineError } from '../../../core/schema/engine-error.js'
import { rowProblem } from '../../../core/schema/row-problems.js'
import { errorText } from '../../../renderer/src/text/error-text.js'
import { createFormat } from '../../../renderer/src/text/format.js'
import { createText } from '../../../renderer/src/text/i18n.js'

const { global } = await createText('de')
const told = (error: EngineError): string =>
  errorText(error, (key, values = {}) => global.t(key, values), createFormat('de')).what

describe('what is said of a failure', () => {
  it('names row and column of data as far as they are known, and what is wrong there', () => {
    const problem = rowProblem('answer-missing', {})
    expect(told(dataInvalid('/home/me/a.csv', 3, 'b', problem))).toBe(
      '„a.csv“ hat eine unbrauchbare Zeile (Zeile 3, Spalte „b“). Es gibt keine Antwort.',
    )
    expect(told(dataInvalid('/home/me/a.csv', 3, '', problem))).toBe(
      '„a.csv“ hat eine unbrauchbare Zeile (Zeile 3). Es gibt keine Antwort.',
    )
    expect(told(dataInvalid('/home/me/a.gz', 0, '', 'expected whole gzip data, found it cut off'))).toBe(
      '„a.gz“ lässt sich nicht als Zeilen lesen.',
    )
    const workbook = rowProblem('text-file-expected', { found: rowProblem('file-zip', {}) })
    expect(told(dataInvalid('/home/me/a.xlsx', 0, '', workbook))).toBe(
      '„a.xlsx“ lässt sich nicht als Zeilen lesen. Das ist ein ZIP-Archiv oder eine Excel-Mappe: Packe es aus, oder speichere das Blatt als CSV.',
    )
  })

  it('says states and things in the language of the page', () => {
    expect(told(new EngineError('run-not-ready', { runId: 'a', state: 'paused' }, ''))).toContain('Pausiert')
    expect(told(new EngineError('unknown-item', { what: 'run' }, ''))).toContain('Lauf')
  })
})
