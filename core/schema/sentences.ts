export type SentenceValues = Readonly<Record<string, string | number>>

/** Sentences by their codes. The sentence itself is what is kept and printed; it is known again by its form. */
export interface Sentences<Code extends string> {
  readonly texts: Readonly<Record<Code, string>>
  /** A sentence with its places filled in. */
  readonly say: (code: Code, values: SentenceValues) => string
  /** Which sentence a text is, with what stands in its places, so that a host can say it in another language; null where it is none. */
  readonly read: (text: string) => { code: Code; values: SentenceValues } | null
}

/**
 * Sentences with places in braces. Where a text fits two of them, it is the first; a place called `found`, which holds what a
 * file says, takes as much of the text as it can, other places as little.
 *
 * @param numbers names of the places that hold whole numbers
 */
export function sentences<Code extends string>(
  texts: Readonly<Record<Code, string>>,
  numbers: ReadonlySet<string>,
): Sentences<Code> {
  const patterns = (Object.entries(texts) as [Code, string][]).map(
    ([code, template]) => [code, patternOf(template, numbers)] as const,
  )
  return {
    texts,
    say: (code, values) => texts[code].replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name])),
    read: (text) => {
      for (const [code, pattern] of patterns) {
        const found = pattern.exec(text)
        if (found !== null) return { code, values: { ...found.groups } }
      }
      return null
    },
  }
}

/** Matches a sentence and names what stands in its places. */
function patternOf(template: string, numbers: ReadonlySet<string>): RegExp {
  const seen = new Set<string>()
  const source = template.split(/(\{\w+\})/).map((part) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1]
    if (name === undefined) return part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
    if (seen.has(name)) return String.raw`\k<${name}>`
    seen.add(name)
    return `(?<${name}>${numbers.has(name) ? String.raw`\d+` : name === 'found' ? '.*' : '.*?'})`
  })
  return new RegExp(`^${source.join('')}$`, 's')
}
