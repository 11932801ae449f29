import type { TextExample } from '../data/example.js'
import type { Hidden } from './block-runner.js'
import {
  labelScore,
  meanLogProbability,
  pairScore,
  sequenceScore,
  type ExampleScore,
} from './example-score.js'
import { pairMargin, type LossOptions } from './preference.js'
import { ReusedBuffer } from './reused-buffer.js'
import type { ExampleRows } from './run-chunks.js'
import type { ScoredRow } from './scored-row.js'
import type { TokenScore } from './vocabulary-head.js'

/** The last hidden states that score a chunk of examples, one after the other, with the tokens that follow them. */
export interface ReadTokens {
  /** Shape [targets, width]. */
  readonly states: Float32Array
  readonly targets: readonly number[]
  /** Where each state lies in the hidden states of the chunk. */
  readonly offsets: readonly number[]
}

/**
 * Gathers the states of all rows of a chunk, so that the output matrix is unpacked once for them and not once a row.
 *
 * @param firstRow where the chunk's rows begin in `hidden`
 * @param buffer where the states lie; memory of its own unless said
 */
export function readTokens(
  chunk: readonly ExampleRows[],
  hidden: Hidden,
  width: number,
  firstRow = 0,
  buffer = new ReusedBuffer(),
): ReadTokens {
  const rows = chunk.flatMap((example) => example.rows)
  const offsets = rows.flatMap(({ positions }, row) =>
    positions.map((position) => ((firstRow + row) * hidden.sequence + position) * width),
  )
  const states = buffer.take(offsets.length * width)
  offsets.forEach((offset, index) => states.set(hidden.data.subarray(offset, offset + width), index * width))
  return { states, targets: rows.flatMap(({ targets }) => targets), offsets }
}

/** What the tokens of a chunk, in the order of `readTokens`, say about its examples. */
export function exampleScores(
  chunk: readonly ExampleRows[],
  tokens: readonly TokenScore[],
  options: LossOptions,
): ExampleScore[] {
  const byRow = tokensByRow(chunk, tokens)
  return chunk.map(({ example, rows }, index) => scoreRows(example, rows, byRow[index], options))
}

/** @param scores of the tokens of each row */
export function scoreRows(
  example: TextExample,
  rows: readonly ScoredRow[],
  scores: readonly (readonly TokenScore[])[],
  options: LossOptions,
): ExampleScore {
  switch (example.kind) {
    case 'label':
      return labelScore(scores.map(meanLogProbability), example.label)
    case 'pair':
      return pairScore(pairMargin(example, scores, options), options.objective)
    case 'sequence':
      return sequenceScore(scores[0], rows[0].targets)
  }
}

/** Tokens in the order of `readTokens`, by example and row. */
export function tokensByRow<T>(chunk: readonly ExampleRows[], tokens: readonly T[]): T[][][] {
  let first = 0
  return chunk.map(({ rows }) => rows.map(({ targets }) => tokens.slice(first, (first += targets.length))))
}
