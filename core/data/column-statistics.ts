import { messagesIn } from './conversation.js'
import { innerTexts } from './inner-texts.js'
import { scalarText } from './row.js'
import { shortened } from './shortened.js'

/** What a column holds. `messages`: conversations; `object`: other lists and objects. */
export type ColumnKind = 'text' | 'number' | 'boolean' | 'messages' | 'object' | 'empty'

/** A column of a data file, over all rows. */
export interface ColumnStatistics {
  readonly name: string
  readonly kind: ColumnKind
  /** Rows with a value that is not empty. */
  readonly filledCount: number
  /** Null beyond 1,000. */
  readonly distinctCount: number | null
  readonly longestCharacters: number
  /** Of values that are not empty. */
  readonly meanCharacters: number
  /** Up to three different values, shortened. */
  readonly samples: readonly string[]
  /** Ways to texts in lists and objects, such as `text.0`, by the first value that has any; empty for other columns. */
  readonly innerTexts: readonly string[]
}

const mostDistinct = 1000
const mostSamples = 3
const sampleCharacters = 200

/** Counts what a column holds, a value at a time. */
export class ColumnTally {
  readonly #name: string
  readonly #kinds = new Set<ColumnKind>()
  readonly #values = new Set<string>()
  readonly #samples: string[] = []
  #innerTexts: readonly string[] = []
  #filledCount = 0
  #characters = 0
  #longest = 0

  constructor(name: string) {
    this.#name = name
  }

  /** Takes a row's value; undefined and null are empty. Returns whether it was. */
  add(value: unknown): boolean {
    const text = valueText(value)
    if (text.trim() === '') return true
    this.#filledCount++
    this.#characters += text.length
    this.#longest = Math.max(this.#longest, text.length)
    this.#kinds.add(kindOf(value))
    if (typeof value === 'object' && this.#innerTexts.length === 0) this.#innerTexts = innerTexts(value)
    if (this.#values.size <= mostDistinct && !this.#values.has(text)) {
      if (this.#samples.length < mostSamples) this.#samples.push(shortened(text, sampleCharacters))
      this.#values.add(text)
    }
    return false
  }

  statistics(): ColumnStatistics {
    return {
      name: this.#name,
      kind: this.#kind(),
      filledCount: this.#filledCount,
      distinctCount: this.#values.size > mostDistinct ? null : this.#values.size,
      longestCharacters: this.#longest,
      meanCharacters: this.#filledCount === 0 ? 0 : this.#characters / this.#filledCount,
      samples: this.#samples,
      innerTexts: this.#innerTexts,
    }
  }

  #kind(): ColumnKind {
    const kinds = [...this.#kinds]
    if (kinds.length < 2) return kinds.at(0) ?? 'empty'
    return this.#kinds.has('object') || this.#kinds.has('messages') ? 'object' : 'text'
  }
}

/** A value as a table shows it: text as it is, lists and objects as JSON, nothing as nothing. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return ''
  return scalarText(value) ?? JSON.stringify(value)
}

function kindOf(value: unknown): ColumnKind {
  if (typeof value === 'number') return 'number'
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'object') return messagesIn(value) === null ? 'object' : 'messages'
  if (messagesIn(value) !== null) return 'messages'
  // Tables have text only; what reads as a number is one.
  return Number.isFinite(Number(value)) ? 'number' : 'text'
}
