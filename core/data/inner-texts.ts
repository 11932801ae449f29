const deepest = 3
const mostWays = 8

/**
 * The ways to texts inside a list or an object, as a template names them after its column: `text.0` for the first text of the list
 * `text`. Of a list only its first entry is looked at.
 */
export function innerTexts(value: unknown, depth = deepest): readonly string[] {
  if (typeof value !== 'object' || value === null || depth === 0) return []
  const entries = Array.isArray(value) ? [['0', value.at(0)] as const] : Object.entries(value)
  return entries
    .flatMap(([key, inner]: readonly [string, unknown]) => {
      // A template would take a dot or a brace in a name for its own.
      if (/[.{}]/.test(key)) return []
      if (typeof inner === 'string') return inner.trim() === '' ? [] : [key]
      return innerTexts(inner, depth - 1).map((way) => `${key}.${way}`)
    })
    .slice(0, mostWays)
}
