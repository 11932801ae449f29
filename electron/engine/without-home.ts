/** Fields in which the engine itself speaks, and may name a file. All others are the person's own words and rows. */
const ownWords: ReadonlySet<string> = new Set(['message', 'details', 'problem', 'notices'])

/**
 * What is sent, with `~` for the person's folder wherever the engine speaks: people show what their screen shows, and copy
 * it into reports.
 */
export function withoutHome(value: unknown, homeFolder: string, isOurs = false): unknown {
  if (typeof value === 'string') return isOurs ? shorten(value, homeFolder) : value
  if (Array.isArray(value)) return value.map((each) => withoutHome(each, homeFolder, isOurs))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      withoutHome(each, homeFolder, isOurs || ownWords.has(name)),
    ]),
  )
}

/** A home of one character would be the root of everything. */
function shorten(text: string, homeFolder: string): string {
  return homeFolder.length > 1 ? text.replaceAll(homeFolder, '~') : text
}
