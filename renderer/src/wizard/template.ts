/** A piece of a template: its own words, the place of a column, or a brace that pairs with nothing. */
export interface TemplatePart {
  readonly kind: 'text' | 'column' | 'stray'
  readonly text: string
}

/** Takes a template such as `{sentence} It was` apart; `{{` and `}}` are braces themselves. Joined, the parts' meaning is kept. */
export function templateParts(template: string): readonly TemplatePart[] {
  return [...template.matchAll(/\{\{|\}\}|\{(?<column>[^{}]+)\}|[{}]|[^{}]+/g)].map((match) => {
    const piece = match[0]
    const column = match.groups?.['column']
    if (column !== undefined) return { kind: 'column', text: column }
    if (piece === '{{' || piece === '}}') return { kind: 'text', text: piece.slice(1) }
    return { kind: piece === '{' || piece === '}' ? 'stray' : 'text', text: piece }
  })
}

/** The columns that a template names, each once, in order. */
export function templateColumns(template: string): readonly string[] {
  const columns = templateParts(template).flatMap(({ kind, text }) => (kind === 'column' ? [text] : []))
  return [...new Set(columns)]
}

/** The template with every place of `column` taken out, and the space it leaves behind. */
export function withoutColumn(template: string, column: string): string {
  const pieces = template.split(placeOf(column))
  return pieces
    .map((piece, index) => (index < pieces.length - 1 ? piece.trimEnd() : piece))
    .join('')
    .replace(/^\s+/, '')
}

/** The place of a column in a template. */
export function placeOf(column: string): string {
  return `{${column}}`
}
