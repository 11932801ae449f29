import { rowProblem } from '../schema/row-problems.js'
import type { Task } from '../schema/task.js'
import { dataInvalid } from './data-error.js'
import type { TextExample } from './example.js'
import { rowRenderer, type ExampleContext, type ExampleMaker } from './example-context.js'
import { bosOf } from './prompt-frame.js'
import { StoredSequenceExample } from './stored-example.js'

/**
 * Examples of running text, in windows. Every window starts with BOS where the model wants it, and otherwise with the last
 * token of the window before, so that each token but the first is scored once.
 */
export function textExamples(task: Extract<Task, { kind: 'text' }>, context: ExampleContext): ExampleMaker {
  const render = rowRenderer(task.text, task.syntax, context)
  const bos = bosOf(context.tokenizer)
  const overlap = 1 - bos.length
  const windowTokens = Math.min(context.windowTokens, context.contextLength) - bos.length
  const { store } = context
  return (row) => {
    const input = render(row)
    const text = context.tokenizer.encode(input, 'text')
    if (text.length <= overlap) {
      throw dataInvalid(context.path, row.line, '', rowProblem('text-short', {}))
    }
    const examples: TextExample[] = []
    for (let start = 0; start + overlap < text.length; start += windowTokens - overlap) {
      const sequence = store.keep([bos, text.slice(start, start + windowTokens)], (place) => place > 0)
      examples.push(new StoredSequenceExample(store, sequence, row))
    }
    return { input, answer: '', examples }
  }
}
