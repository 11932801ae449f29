import { rowProblem } from '../schema/row-problems.js'
import type { Task } from '../schema/task.js'
import { dataInvalid } from './data-error.js'
import {
  checkLength,
  promptRenderer,
  rowRenderer,
  type ExampleContext,
  type ExampleMaker,
} from './example-context.js'
import { StoredSequenceExample } from './stored-example.js'

/** Examples of a prompt and the answer to it; the answer and the end of text (or of the turn) are scored. */
export function answerExamples(
  task: Extract<Task, { kind: 'answer' }>,
  context: ExampleContext,
): ExampleMaker {
  const renderPrompt = promptRenderer(task, context)
  const renderAnswer = rowRenderer(task.answer, task.syntax, context)
  const { frame, store } = context
  return (row) => {
    const prompt = renderPrompt(row)
    const answer = renderAnswer(row)
    const answerTokens = frame.answer(answer)
    if (answerTokens.length === 0) {
      throw dataInvalid(context.path, row.line, '', rowProblem('answer-missing', {}))
    }
    checkLength(context, row, prompt.tokens.length + answerTokens.length + frame.end.length)
    // Nothing comes before the first token to predict it from.
    const firstScored = Math.max(1, prompt.tokens.length)
    const parts = [prompt.tokens, answerTokens, frame.end]
    const sequence = store.keep(parts, (place) => place >= firstScored)
    return {
      input: prompt.input,
      answer,
      examples: [new StoredSequenceExample(store, sequence, row)],
    }
  }
}
