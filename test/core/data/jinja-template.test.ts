import { describe, expect, it } from 'vitest'
import { templateNames } from '../../../core/data/jinja-names.js'
import { jinjaTemplate } from '../../../core/data/jinja-template.js'
import { caughtError } from '../../support/caught-error.js'

const source = { path: 'rows.jsonl', columnOf: (name: string) => name }
const render = (template: string, fields: Record<string, unknown>) =>
  jinjaTemplate(template).render({ line: 7, fields: new Map(Object.entries(fields)) }, source)

describe('the names in a Jinja template', () => {
  it.each([
    ["{{ a }} {{ b.c[d] | replace('x', e) | upper }}", ['a', 'b', 'd', 'e']],
    ['{% for m in turns %}{{ m.role ~ loop.index }}{% endfor %}', ['turns']],
    ['{% set q = z %}{{ q }}', ['z']],
    ["{% if input is defined %}{{ input }}{% endif %}{{ y if k == 'a' else w }}", ['k', 'y', 'w']],
    ["{% if not q.endswith('?') and 'x' in p %}?{% endif %}", ['q', 'p']],
    ["{{ {'k': v}['k'] }}{{ items | join(sep) }}", ['v', 'items', 'sep']],
  ])('are the columns that it reads: %s', (template, names) => {
    expect(templateNames(template).used).toEqual(names)
  })
})

describe('a Jinja template', () => {
  it('fills in text, numbers, lists and objects of a row', () => {
    expect(
      render("{{ a }}-{{ n + 1 }}-{{ l | join('+') }}-{{ o.k }}", {
        a: 'x',
        n: 1,
        l: ['p', 'q'],
        o: { k: 'v' },
      }),
    ).toBe('x-2-p+q-v')
  })

  it('keeps a line break at the end', () => {
    expect(render('{{ a }}\n', { a: 'x' })).toBe('x\n')
  })

  it('gives columns of any name through the whole row', () => {
    expect(render("{{ row['my column'] }}", { 'my column': 'x' })).toBe('x')
    expect(jinjaTemplate("{{ row['my column'] }}").columns).toEqual([])
  })

  it('treats null and what is missing as nothing', () => {
    const template = '{{ a }}{% if b %}({{ b }}){% endif %}'
    expect(render(template, { a: 'x', b: null })).toBe('x')
    expect(render(template, { a: 'x' })).toBe('x')
    expect(render(template, { a: 'x', b: 'y' })).toBe('x(y)')
  })

  it('does not read what a row says as a template', () => {
    expect(render('{{ a }}', { a: '{{ b }}{% raise %}' })).toBe('{{ b }}{% raise %}')
  })

  it('names the row that it fails for', () => {
    const error = caughtError(() => render("{{ raise_exception('no') if a == 1 }}", { a: 1 }))
    expect(error).toMatchObject({ code: 'data-invalid', details: { line: 7 } })
  })

  it('does not run for ever', () => {
    const loop =
      '{% for a in l %}{% for b in l %}{% for c in l %}{% for d in l %}x{% endfor %}{% endfor %}{% endfor %}{% endfor %}'
    const error = caughtError(() => render(loop, { l: Array.from({ length: 300 }, (_, i) => i) }))
    expect(error.message).toMatch(/timed out/)
  })

  it('is refused where it does not parse', () => {
    expect(caughtError(() => jinjaTemplate('{% if a %}')).code).toBe('template-invalid')
  })
})
