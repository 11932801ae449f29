import type { SampledText } from './language-sample.js'

/** The languages of some rows. */
export interface RowLanguages {
  readonly sampledRows: number
  /** Rows that are too short, or too mixed, to tell. */
  readonly unsureRows: number
  /** The commonest first. */
  readonly found: readonly LanguageRows[]
}

/** Rows of one language. */
export interface LanguageRows {
  /** ISO 639-1. */
  readonly language: string
  readonly rows: number
  /** All of a rare one, otherwise the first 50. */
  readonly lines: readonly number[]
  /** So few beside the others that they may be there by mistake. */
  readonly isRare: boolean
}

/** Of English phrases of films (SST-2) with so many letters, 1 in 500 is taken for another language; with 20, 1 in 100. */
const fewestLetters = 30
/** Where a letter is a syllable or a word. */
const fewestSyllables = 8
const syllables = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu
const letters = /\p{L}/gu
const rareShare = 0.05
const keptLines = 50

/**
 * Tells the language of each row that has letters enough. Looks for trigrams and the like of 60 languages; the library's tables
 * (30 MB of heap) are loaded on the first call.
 */
export async function findLanguages(sample: readonly SampledText[]): Promise<RowLanguages> {
  const long = sample.filter(({ text }) => isLongEnough(text))
  const linesOf = new Map<string, number[]>()
  if (long.length > 0) {
    const { eld } = await import('eld/extrasmall')
    for (const { line, text } of long) {
      const result = eld.detect(text)
      if (result.language === '' || !result.isReliable()) continue
      const lines = linesOf.get(result.language)
      if (lines === undefined) linesOf.set(result.language, [line])
      else lines.push(line)
    }
  }
  const sureRows = [...linesOf.values()].reduce((sum, { length }) => sum + length, 0)
  const found = [...linesOf].map(([language, lines]) => {
    const isRare = lines.length <= rareShare * sureRows
    return { language, rows: lines.length, lines: isRare ? lines : lines.slice(0, keptLines), isRare }
  })
  return {
    sampledRows: sample.length,
    unsureRows: sample.length - sureRows,
    found: found.toSorted((left, right) => right.rows - left.rows),
  }
}

function isLongEnough(text: string): boolean {
  const count = (pattern: RegExp): number => text.match(pattern)?.length ?? 0
  return count(letters) >= fewestLetters || count(syllables) >= fewestSyllables
}
