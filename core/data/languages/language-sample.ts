/** The start of a row's text. */
export interface SampledText {
  readonly line: number
  readonly text: string
}

/** Most rows that are kept; half of it at least, where there are as many. */
const mostRows = 10_000
/** Enough to tell a language by. */
const keptCharacters = 300

/** Keeps the texts of evenly spread rows, in memory that does not grow with the file: where it is full, every other one goes. */
export class LanguageSample {
  #rows: SampledText[] = []
  #every = 1
  #count = 0

  add(line: number, text: string): void {
    if (this.#count++ % this.#every !== 0) return
    this.#rows.push({ line, text: text.slice(0, keptCharacters) })
    if (this.#rows.length < mostRows) return
    this.#rows = this.#rows.filter((_, index) => index % 2 === 0)
    this.#every *= 2
  }

  rows(): readonly SampledText[] {
    return this.#rows
  }
}
