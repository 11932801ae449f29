import { EngineError } from '../schema/engine-error.js'
import { requestIssue } from '../schema/request-issues.js'
import { rowProblem } from '../schema/row-problems.js'
import type { Task, TemplateSyntax } from '../schema/task.js'
import { dataInvalid } from './data-error.js'
import type { TextExample } from './example.js'
import type { PromptFrame } from './prompt-frame.js'
import { rowTemplate } from './read-template.js'
import type { Row } from './row.js'
import type { TokenStore } from './token-store.js'
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
  /** What stands around prompts. */
  readonly frame: PromptFrame
  /** Where tokens are kept. */
  readonly store: TokenStore
}

/** The examples of one row, and what tells it from other rows. */
export interface RowExamples {
  /** What the model is given; two rows with equal inputs are duplicates. */
  readonly input: string
  /** What it should say, as the file writes it; empty for running text. */
  readonly answer: string
  readonly examples: readonly TextExample[]
}

/** Turns a row into examples. Throws data-invalid or prompt-too-long where it cannot. */
export type ExampleMaker = (row: Row) => RowExamples

/** Fills a template from rows. Throws request-invalid or template-invalid for a malformed one. */
export function rowRenderer(
  source: string,
  syntax: TemplateSyntax | undefined,
  context: ExampleContext,
): (row: Row) => string {
  const template = rowTemplate(source, syntax)
  return (row) => template.render(row, context)
}

/** A row's prompt: as templates give it, and as ids with all that stands around it. */
export interface RenderedPrompt {
  readonly input: string
  readonly tokens: readonly number[]
}

/**
 * Fills the prompt of a task, and the system message over it.
 *
 * @throws request-invalid for a system message without a chat template to hold it; the renderer throws data-invalid
 */
export function promptRenderer(
  task: Extract<Task, { prompt: string }>,
  context: ExampleContext,
): (row: Row) => RenderedPrompt {
  if (task.system !== undefined && task.chat !== true) {
    throw requestIssue('system-without-chat')
  }
  const renderPrompt = rowRenderer(task.prompt, task.syntax, context)
  const renderSystem = task.system === undefined ? null : rowRenderer(task.system, task.syntax, context)
  return (row) => {
    const input = renderPrompt(row)
    const system = renderSystem?.(row) ?? null
    return { input, tokens: framed(context, row, () => context.frame.prompt(input, system)) }
  }
}

/** A message that the model's template refuses is a bad row. */
function framed<T>({ path }: ExampleContext, row: Row, encode: () => T): T {
  try {
    return encode()
  } catch (thrown) {
    if (!(thrown instanceof EngineError) || thrown.code !== 'template-invalid') throw thrown
    throw dataInvalid(path, row.line, '', thrown.message)
  }
}

/** Throws prompt-too-long where a sequence does not fit the context. */
export function checkLength({ path, contextLength }: ExampleContext, row: Row, tokens: number): void {
  if (tokens <= contextLength) return
  const where = `${path}, line ${row.line}`
  const problem = rowProblem('tokens-many', { total: contextLength, count: tokens })
  throw new EngineError('prompt-too-long', { tokens, contextLength, where }, `${where}: ${problem}`)
}
