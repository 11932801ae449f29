const gap = 3

/** Two texts in columns of equal width, under their titles. */
export function sideBySide(
  left: readonly [title: string, text: string],
  right: readonly [title: string, text: string],
  width: number,
): string[] {
  const column = Math.floor((width - gap) / 2)
  const lines = [left, right].map(([title, text]) => [title, '-'.repeat(title.length), ...wrap(text, column)])
  const count = Math.max(...lines.map(({ length }) => length))
  return Array.from({ length: count }, (_, index) => {
    const [first, second] = lines.map((each) => each.at(index) ?? '')
    return `${first.padEnd(column + gap)}${second}`.trimEnd()
  })
}

/** Lines of at most `width` characters, broken between words where possible. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = []
    let rest = paragraph
    while (rest.length > width) {
      const space = rest.lastIndexOf(' ', width)
      const end = space > 0 ? space : width
      lines.push(rest.slice(0, end))
      rest = rest.slice(end).trimStart()
    }
    return [...lines, rest]
  })
}
