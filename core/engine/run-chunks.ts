import { textExample, type Example, type Objective, type TextExample } from '../data/example.js'
import { scoredRows, type ScoredRow } from './scored-row.js'

/** An example with the sequences that score it. */
export interface ExampleRows {
  readonly example: TextExample
  readonly rows: readonly ScoredRow[]
}

/** Consecutive examples that run together. */
export interface RunChunk {
  /** Index of the first of them. */
  readonly first: number
  readonly examples: readonly ExampleRows[]
}

/**
 * Cuts examples, in their order, into chunks of at most `tokensPerRun` tokens, padding and copies included; an example that is
 * longer stands alone.
 *
 * @param copies how often each row runs beside itself, such as plus and minus
 * @param promptTokens vectors that stand before every row
 */
export function* runChunks(
  examples: readonly Example[],
  objective: Objective,
  copies: number,
  tokensPerRun: number,
  promptTokens = 0,
): Generator<RunChunk> {
  let chunk: ExampleRows[] = []
  let rowCount = 0
  let longest = 0
  let first = 0
  for (const [index, example] of examples.entries()) {
    const rows = scoredRows(example, objective)
    const rowLength = promptTokens + Math.max(...rows.map(({ tokens }) => tokens.length))
    const padded = (rowCount + rows.length) * copies * Math.max(longest, rowLength)
    if (chunk.length > 0 && padded > tokensPerRun) {
      yield { first, examples: chunk }
      chunk = []
      rowCount = 0
      longest = 0
      first = index
    }
    chunk.push({ example: textExample(example), rows })
    rowCount += rows.length
    longest = Math.max(longest, rowLength)
  }
  if (chunk.length > 0) yield { first, examples: chunk }
}
