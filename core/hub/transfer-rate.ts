/** Bytes a second over the last seconds, and the time that is left by it. */
export class TransferRate {
  readonly #now: () => number
  readonly #marks: { readonly at: number; readonly done: number }[] = []

  /** @param now milliseconds from any fixed moment */
  constructor(now: () => number) {
    this.#now = now
  }

  /** So many bytes are there in all. */
  note(done: number): void {
    const at = this.#now()
    const last = this.#marks.at(-1)
    if (last !== undefined && at - last.at < markEveryMs) return
    this.#marks.push({ at, done })
    while (this.#marks.length > 2 && at - this.#marks[1].at >= windowMs) this.#marks.shift()
  }

  /** Null before there is something to compare. */
  bytesPerSecond(): number | null {
    const [first] = this.#marks
    const last = this.#marks.at(-1)
    if (last === undefined || last.at - first.at < markEveryMs) return null
    return Math.max(0, (1000 * (last.done - first.done)) / (last.at - first.at))
  }

  /** Milliseconds until so many more bytes are there; null where it cannot be said. */
  remainingMs(missingBytes: number): number | null {
    const rate = this.bytesPerSecond()
    return rate === null || rate === 0 ? null : (1000 * missingBytes) / rate
  }
}

const windowMs = 15_000
const markEveryMs = 500
