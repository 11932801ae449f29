/** Writing systems that are told apart, each by its letters. */
const patterns = {
  Latin: /\p{Script=Latin}/gu,
  Cyrillic: /\p{Script=Cyrillic}/gu,
  Greek: /\p{Script=Greek}/gu,
  Arabic: /\p{Script=Arabic}/gu,
  Hebrew: /\p{Script=Hebrew}/gu,
  Devanagari: /\p{Script=Devanagari}/gu,
  Thai: /\p{Script=Thai}/gu,
  Han: /\p{Script=Han}/gu,
  Kana: /[\p{Script=Hiragana}\p{Script=Katakana}]/gu,
  Hangul: /\p{Script=Hangul}/gu,
} as const
const letters = /\p{L}/gu
/** Most of a long text shows its script. */
const lookedAt = 2000

export type Script = keyof typeof patterns | 'other' | 'none'

/** The writing system that most letters of a text belong to; `none` where it has no letters. */
export function mainScript(text: string): Script {
  const start = text.slice(0, lookedAt)
  const total = countOf(start, letters)
  if (total === 0) return 'none'
  let best: Script = 'other'
  let most = 0
  for (const [script, pattern] of Object.entries(patterns) as [keyof typeof patterns, RegExp][]) {
    const count = countOf(start, pattern)
    // Japanese is written in both; a text with any kana is Japanese.
    const weight = script === 'Kana' && count > 0 ? total : count
    if (weight > most) [best, most] = [script, weight]
    if (2 * count > total) break
  }
  return best
}

function countOf(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0
}
