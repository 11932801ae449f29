import { requestIssue } from '../schema/request-issues.js'

/** Text with places for a row's columns. */
export interface Template {
  readonly source: string
  readonly parts: readonly (
    { readonly kind: 'text'; readonly text: string } | { readonly kind: 'column'; readonly column: string }
  )[]
}

/**
 * Reads a template: `{name}` stands for a column; `{{` and `}}` are braces.
 *
 * @throws request-invalid where braces do not pair up or name nothing
 */
export function parseTemplate(source: string): Template {
  const parts: Template['parts'][number][] = []
  let text = ''
  for (let at = 0; at < source.length; at++) {
    const character = source[at]
    if (character !== '{' && character !== '}') {
      text += character
    } else if (source[at + 1] === character) {
      text += character
      at++
    } else if (character === '}') {
      throw requestIssue('brace-idle', { found: source, at: at + 1 })
    } else {
      const column = /^[^{}]+(?=\})/.exec(source.slice(at + 1))?.[0]
      if (column === undefined) {
        throw requestIssue('brace-open', { found: source, at: at + 1, column: '{column}' })
      }
      if (text !== '') parts.push({ kind: 'text', text })
      parts.push({ kind: 'column', column })
      text = ''
      at += column.length + 1
    }
  }
  if (text !== '') parts.push({ kind: 'text', text })
  return { source, parts }
}

/** Names of the columns that a template needs, each once. */
export function templateColumns(template: Template): readonly string[] {
  return [...new Set(template.parts.flatMap((part) => (part.kind === 'column' ? [part.column] : [])))]
}

/** The template's text with `valueOf` in place of each column. */
export function renderTemplate(template: Template, valueOf: (column: string) => string): string {
  return template.parts.map((part) => (part.kind === 'text' ? part.text : valueOf(part.column))).join('')
}
