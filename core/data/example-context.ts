import { EngineError } from '../schema/engine-error.js'
import type { Example } from './example.js'
import { fieldText, type Row } from './row.js'
import { parseTemplate, renderTemplate } from './template.js'
import type { Tokenizer } from './tokenizer/tokenizer.js'

/** What the examples of a file have in common. */
export interface ExampleContext {
  readonly path: string
  readonly tokenizer: Tokenizer
  readonly contextLength: number
  /** Column of the file for a column that the task names. */
  readonly columnOf: (name: string) => string
  /** Tokens of one window of running text, at most. */
  readonly windowTokens: number
}

/** The examples of one row, and what tells it from other rows. */
export interface RowExamples {
  /** What the model is given; two rows with equal inputs are duplicates. */
  readonly input: string
  readonly examples: readonly Example[]
}

/** Turns a row into examples. Throws data-invalid or prompt-too-long where it cannot. */
export type ExampleMaker = (row: Row) => RowExamples

/** Fills a template from rows. Throws request-invalid for a malformed one. */
export function rowRenderer(source: string, { path, columnOf }: ExampleContext): (row: Row) => string {
  const template = parseTemplate(source)
  return (row) => renderTemplate(template, (name) => fieldText(path, row, columnOf(name)))
}

/** The ids that a sequence of this model starts with: BOS or nothing. */
export function bosOf({ addsBos, bosId }: Tokenizer): readonly number[] {
  return addsBos && bosId !== null ? [bosId] : []
}

/** Throws prompt-too-long where a sequence does not fit the context. */
export function checkLength({ path, contextLength }: ExampleContext, row: Row, tokens: number): void {
  if (tokens <= contextLength) return
  const where = `${path}, line ${row.line}`
  throw new EngineError(
    'prompt-too-long',
    { tokens, contextLength, where },
    `${where}: expected at most ${contextLength} tokens (the model's context), found ${tokens}`,
  )
}
