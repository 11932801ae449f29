import { EngineError } from '../schema/engine-error.js'
import type { Task } from '../schema/task.js'
import { conversationOf, type ChatEncoder } from './conversation.js'
import { dataInvalid } from './data-error.js'
import type { Example } from './example.js'
import { checkLength, type ExampleContext, type ExampleMaker } from './example-context.js'
import type { Row } from './row.js'

/** Examples of conversations; `encode` says which tokens are the assistant's. */
export function chatExamples(
  task: Extract<Task, { kind: 'chat' }>,
  encode: ChatEncoder,
  context: ExampleContext,
): ExampleMaker {
  const column = context.columnOf(task.messages)
  return (row) => {
    const messages = conversationOf(context.path, row, column)
    const { tokens, scored } = encodeConversation(context.path, row, column, () => encode(messages))
    if (!scored.includes(1)) {
      throw dataInvalid(context.path, row.line, column, 'expected a message of the assistant, found none')
    }
    checkLength(context, row, tokens.length)
    const example: Example = { kind: 'sequence', tokens, scored, line: row.line }
    return { input: JSON.stringify(messages), examples: [example] }
  }
}

/** A conversation that the model's template refuses is a bad row. */
function encodeConversation<T>(path: string, row: Row, column: string, encode: () => T): T {
  try {
    return encode()
  } catch (thrown) {
    if (!(thrown instanceof EngineError) || thrown.code !== 'template-invalid') throw thrown
    throw dataInvalid(path, row.line, column, thrown.message)
  }
}
