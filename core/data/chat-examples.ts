import { EngineError } from '../schema/engine-error.js'
import { rowProblem } from '../schema/row-problems.js'
import type { Task } from '../schema/task.js'
import type { ChatMessage } from './chat/chat-message.js'
import { conversationOf } from './conversation.js'
import { dataInvalid } from './data-error.js'
import { checkLength, type ExampleContext, type ExampleMaker } from './example-context.js'
import type { ChatEncoder } from './prompt-frame.js'
import type { Row } from './row.js'
import { StoredSequenceExample } from './stored-example.js'

/** Examples of conversations; `conversation` says which tokens are the assistant's. */
export function chatExamples(
  task: Extract<Task, { kind: 'chat' }>,
  { conversation }: ChatEncoder,
  context: ExampleContext,
): ExampleMaker {
  const column = context.columnOf(task.messages)
  return (row) => {
    const found = conversationOf(context.path, row, column)
    const messages = withSystem(found, task.system)
    const { tokens, scored } = encodeConversation(context.path, row, column, () => conversation(messages))
    if (!scored.includes(1)) {
      throw dataInvalid(context.path, row.line, column, rowProblem('assistant-silent', {}))
    }
    checkLength(context, row, tokens.length)
    const { store } = context
    const sequence = store.keep([tokens], (place) => scored[place] === 1)
    const example = new StoredSequenceExample(store, sequence, row)
    const answer = messages.findLast(({ role }) => role === 'assistant')?.content ?? ''
    return { input: JSON.stringify(messages), answer, examples: [example] }
  }
}

/** A conversation with a system message in front, where it has none of its own. */
function withSystem(messages: readonly ChatMessage[], system: string | undefined): readonly ChatMessage[] {
  const hasOwn = messages.some(({ role }) => role === 'system')
  return system === undefined || hasOwn ? messages : [{ role: 'system', content: system }, ...messages]
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
