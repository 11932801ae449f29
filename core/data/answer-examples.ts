import type { Task } from '../schema/task.js'
import { continuationTokens } from './continuation-tokens.js'
import { dataInvalid } from './data-error.js'
import { bosOf, checkLength, rowRenderer, type ExampleContext, type ExampleMaker } from './example-context.js'
import { createTokenStore } from './token-store.js'

/** Examples of a prompt and the answer to it; the answer and the end of text are scored. */
export function answerExamples(
  task: Extract<Task, { kind: 'answer' }>,
  context: ExampleContext,
): ExampleMaker {
  const renderPrompt = rowRenderer(task.prompt, context)
  const renderAnswer = rowRenderer(task.answer, context)
  const bos = bosOf(context.tokenizer)
  const end = context.tokenizer.eosId === null ? [] : [context.tokenizer.eosId]
  const keep = createTokenStore()
  return (row) => {
    const input = renderPrompt(row)
    // Apart, because the model will meet the prompt without the answer.
    const prompt = context.tokenizer.encode(input, 'text')
    const answer = continuationTokens(renderAnswer(row), context.tokenizer)
    if (answer.length === 0) throw dataInvalid(context.path, row.line, '', 'expected an answer, found none')
    const tokens = keep(bos, prompt, answer, end)
    checkLength(context, row, tokens.length)
    // Nothing comes before the first token to predict it from.
    const scored = new Uint8Array(tokens.length).fill(1, Math.max(1, bos.length + prompt.length))
    return { input, examples: [{ kind: 'sequence', tokens, scored, line: row.line }] }
  }
}
