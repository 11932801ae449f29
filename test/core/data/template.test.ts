import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseTemplate, renderTemplate, templateColumns } from '../../../core/data/template.js'
import { caughtError } from '../../support/caught-error.js'

const render = (source: string) => renderTemplate(parseTemplate(source), (column) => `<${column}>`)

describe('a template', () => {
  it.each([
    ['{sentence} It was', '<sentence> It was'],
    ['Q: {question}\nA: {the answer}', 'Q: <question>\nA: <the answer>'],
    ['{a}{b}{a}', '<a><b><a>'],
    ['no column', 'no column'],
    ['{{literal}} {a}', '{literal} <a>'],
    ['{{{a}}}', '{<a>}'],
    ['', ''],
  ])('%j reads as %j', (source, text) => {
    expect(render(source)).toBe(text)
  })

  it('gives back any text whose braces are doubled', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '{', '}', ' ') }), (text) => {
        expect(render(text.replace(/[{}]/g, '$&$&'))).toBe(text)
      }),
    )
  })

  it('does not read columns in the values of columns', () => {
    expect(renderTemplate(parseTemplate('{a}'), () => '{b} {{')).toBe('{b} {{')
  })

  it('names each of its columns once', () => {
    expect(templateColumns(parseTemplate('{b} {{c}} {a} {b}'))).toEqual(['b', 'a'])
  })

  it.each([
    ['{a', /'{' at position 1/],
    ['a} b', /'}' at position 2/],
    ['{}', /'{' at position 1/],
    ['{a{b}}', /'{' at position 1/],
    ['x {{{a}}', /'}' at position|'{' at position/],
    ['{a}}', /'}' at position 4/],
  ])('%j is refused with the place', (source, message) => {
    const error = caughtError(() => parseTemplate(source))
    expect(error.code).toBe('request-invalid')
    expect(error.message).toMatch(message)
  })
})
