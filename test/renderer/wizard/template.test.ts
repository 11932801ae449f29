import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseTemplate, templateColumns as columnsInEngine } from '../../../core/data/template.js'
import { EngineError } from '../../../core/schema/engine-error.js'
import {
  placeOf,
  templateColumns,
  templateParts,
  withoutColumn,
} from '../../../renderer/src/wizard/template.js'

/** Text with many braces, as slips of the finger make it. */
const templates = fc
  .array(fc.constantFrom('{', '}', '{{', '}}', '{text}', '{label}', 'a', ' ', '\n'), { maxLength: 12 })
  .map((pieces) => pieces.join(''))

describe('a template in the page', () => {
  it('names the columns that the engine finds, wherever the engine accepts it', () => {
    fc.assert(
      fc.property(templates, (template) => {
        try {
          expect(templateColumns(template)).toEqual(columnsInEngine(parseTemplate(template)))
        } catch (thrown) {
          if (!(thrown instanceof EngineError)) throw thrown
        }
      }),
    )
  })

  it('marks a brace that stands alone', () => {
    expect(templateParts('a { b').some(({ kind }) => kind === 'stray')).toBe(true)
    expect(templateParts('a }} b {text}').some(({ kind }) => kind === 'stray')).toBe(false)
  })

  it('loses every place of a column that is taken out', () => {
    const template = `${placeOf('a')} and ${placeOf('b')} and ${placeOf('a')}!`
    expect(withoutColumn(template, 'a')).toBe('and {b} and!')
  })
})
