import type { EngineError } from '../schema/engine-error.js'

const keptMessages = 5

/** Decides what happens with a row that cannot be used. */
export interface BadRows {
  /** Throws the error, or counts it. */
  report(error: EngineError): void
  /** Rows left out so far. */
  count(): number
  /** What was wrong with the first of them. */
  messages(): readonly string[]
}

/** Stops at the first bad row, or (with `skip`) counts bad rows and keeps the first few messages. */
export function collectBadRows(skip: boolean): BadRows {
  let count = 0
  const messages: string[] = []
  return {
    report(error) {
      if (!skip) throw error
      count++
      if (messages.length < keptMessages) messages.push(error.message)
    },
    count: () => count,
    messages: () => messages,
  }
}
