import type { Task } from '../schema/task.js'
import { dataInvalid } from './data-error.js'
import {
  checkLength,
  promptRenderer,
  rowRenderer,
  type ExampleContext,
  type ExampleMaker,
} from './example-context.js'
import { createTokenStore } from './token-store.js'

/** Examples of a prompt and the answer to it; the answer and the end of text (or of the turn) are scored. */
export function answerExamples(
  task: Extract<Task, { kind: 'answer' }>,
  context: ExampleContext,
): ExampleMaker {
  const renderPrompt = promptRenderer(task, context)
  const renderAnswer = rowRenderer(task.answer, task.syntax, context)
  const { frame } = context
  const keep = createTokenStore()
  return (row) => {
    const prompt = renderPrompt(row)
    const answer = renderAnswer(row)
    const answerTokens = frame.answer(answer)
    if (answerTokens.length === 0)
      throw dataInvalid(context.path, row.line, '', 'expected an answer, found none')
    const tokens = keep(prompt.tokens, answerTokens, frame.end)
    checkLength(context, row, tokens.length)
    // Nothing comes before the first token to predict it from.
    const scored = new Uint8Array(tokens.length).fill(1, Math.max(1, prompt.tokens.length))
    return {
      input: prompt.input,
      answer,
      examples: [{ kind: 'sequence', tokens, scored, line: row.line }],
    }
  }
}
