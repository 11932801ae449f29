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
import type { Row } from './row.js'
import { StoredPairExample } from './stored-example.js'

/** Examples of a prompt with a chosen and a rejected answer; both are scored with the end of text after them. */
export function pairExamples(
  task: Extract<Task, { kind: 'preference' }>,
  context: ExampleContext,
): ExampleMaker {
  const { path, frame, store } = context
  const renderPrompt = promptRenderer(task, context)
  const renderChosen = rowRenderer(task.chosen, task.syntax, context)
  const renderRejected = rowRenderer(task.rejected, task.syntax, context)
  const answerTokens = (row: Row, name: 'chosen' | 'rejected', text: string): readonly number[] => {
    const tokens = frame.answer(text)
    if (tokens.length > 0) return [...tokens, ...frame.end]
    throw dataInvalid(path, row.line, '', rowProblem(`${name}-missing`, {}))
  }
  return (row) => {
    const { input, tokens: prompt } = renderPrompt(row)
    const [chosenText, rejectedText] = [renderChosen(row), renderRejected(row)]
    const promptLength = prompt.length
    if (promptLength === 0) throw dataInvalid(path, row.line, '', rowProblem('prompt-empty', {}))
    const chosen = answerTokens(row, 'chosen', chosenText)
    const rejected = answerTokens(row, 'rejected', rejectedText)
    if (chosenText === rejectedText) {
      throw dataInvalid(path, row.line, '', rowProblem('answers-equal', {}))
    }
    checkLength(context, row, promptLength + Math.max(chosen.length, rejected.length))
    const lengths = { promptLength, chosenLength: chosen.length, line: row.line }
    const example = new StoredPairExample(store, store.keep([prompt, chosen, rejected]), lengths)
    // The same prompt may come with several pairs.
    return {
      input: JSON.stringify([input, chosenText, rejectedText]),
      answer: chosenText,
      examples: [example],
    }
  }
}
