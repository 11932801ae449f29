const punctuation = /[!-/:-@[-`{-~]/g
const articles = /\b(?:a|an|the)\b/gu

/** An answer as SQuAD compares it: lower case, without punctuation and articles, single spaces. Source: Rajpurkar et al. 2016. */
export function normalizedAnswer(text: string): string {
  return text
    .toLowerCase()
    .replace(punctuation, '')
    .replace(articles, ' ')
    .split(/\s+/u)
    .filter(Boolean)
    .join(' ')
}

/** 1 where the answer is one of the accepted ones by SQuAD's rules, else 0. */
export function exactMatch(answer: string, accepted: readonly string[]): number {
  const said = normalizedAnswer(answer)
  return accepted.some((each) => normalizedAnswer(each) === said) ? 1 : 0
}

/**
 * F1 of the words that an answer shares with the accepted one that it shares most with: 2PR / (P + R). Where either has no
 * words, 1 if both have none.
 *
 * Source: SQuAD's evaluation, Rajpurkar et al. 2016, section 6.1; the rule for no words from version 2.0.
 */
export function tokenF1(answer: string, accepted: readonly string[]): number {
  return Math.max(...accepted.map((each) => wordF1(words(answer), words(each))))
}

function words(text: string): readonly string[] {
  return normalizedAnswer(text).split(' ').filter(Boolean)
}

function wordF1(said: readonly string[], expected: readonly string[]): number {
  if (said.length === 0 || expected.length === 0) return said.length === expected.length ? 1 : 0
  const left = new Map<string, number>()
  for (const word of expected) left.set(word, (left.get(word) ?? 0) + 1)
  let shared = 0
  for (const word of said) {
    const count = left.get(word) ?? 0
    if (count === 0) continue
    left.set(word, count - 1)
    shared++
  }
  if (shared === 0) return 0
  const precision = shared / said.length
  const recall = shared / expected.length
  return (2 * precision * recall) / (precision + recall)
}
