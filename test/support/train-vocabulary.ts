/** Merges of byte-pair encoding learnt from words: the most frequent pair each time, the first found among equals. */
export function trainMerges(
  words: ReadonlyMap<string, number>,
  count: number,
): (readonly [string, string])[] {
  const spelled = Array.from(words, ([word, frequency]) => ({ symbols: Array.from(word), frequency }))
  const merges: (readonly [string, string])[] = []
  while (merges.length < count) {
    const pair = mostFrequentPair(spelled)
    if (!pair) break
    merges.push(pair)
    for (const word of spelled) word.symbols = mergePair(word.symbols, pair)
  }
  return merges
}

interface SpelledWord {
  symbols: string[]
  readonly frequency: number
}

function mostFrequentPair(words: readonly SpelledWord[]): [string, string] | undefined {
  const counts = new Map<string, number>()
  for (const { symbols, frequency } of words) {
    for (let index = 0; index + 1 < symbols.length; index++) {
      const pair = `${symbols[index]} ${symbols[index + 1]}`
      counts.set(pair, (counts.get(pair) ?? 0) + frequency)
    }
  }
  let best = ''
  for (const [pair, frequency] of counts) if (frequency > (counts.get(best) ?? 1)) best = pair
  if (best === '') return undefined
  const [left, right] = best.split(' ')
  return [left, right]
}

function mergePair(symbols: readonly string[], [left, right]: readonly [string, string]): string[] {
  const merged: string[] = []
  for (const symbol of symbols) {
    if (symbol === right && merged.at(-1) === left) merged[merged.length - 1] = left + right
    else merged.push(symbol)
  }
  return merged
}

/** How often each word occurs, the `limit` most frequent ones. */
export function countWords(words: Iterable<string>, limit: number): Map<string, number> {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return new Map([...counts].sort((first, second) => second[1] - first[1]).slice(0, limit))
}
