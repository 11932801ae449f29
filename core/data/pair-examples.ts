import type { Task } from '../schema/task.js'
import { continuationTokens } from './continuation-tokens.js'
import { dataInvalid } from './data-error.js'
import { bosOf, checkLength, rowRenderer, type ExampleContext, type ExampleMaker } from './example-context.js'
import type { Row } from './row.js'
import { createTokenStore } from './token-store.js'

/** Examples of a prompt with a chosen and a rejected answer; both are scored with the end of text after them. */
export function pairExamples(
  task: Extract<Task, { kind: 'preference' }>,
  context: ExampleContext,
): ExampleMaker {
  const { path, tokenizer } = context
  const renderPrompt = rowRenderer(task.prompt, context)
  const renderChosen = rowRenderer(task.chosen, context)
  const renderRejected = rowRenderer(task.rejected, context)
  const bos = bosOf(tokenizer)
  const end = tokenizer.eosId === null ? [] : [tokenizer.eosId]
  const keep = createTokenStore()
  const answerTokens = (row: Row, name: string, text: string): readonly number[] => {
    const tokens = continuationTokens(text, tokenizer)
    if (tokens.length > 0) return [...tokens, ...end]
    throw dataInvalid(path, row.line, '', `expected a ${name} answer, found none`)
  }
  return (row) => {
    const input = renderPrompt(row)
    const [chosenText, rejectedText] = [renderChosen(row), renderRejected(row)]
    const prompt = tokenizer.encode(input, 'text')
    const promptLength = bos.length + prompt.length
    if (promptLength === 0) throw dataInvalid(path, row.line, '', 'the prompt is empty')
    const chosen = answerTokens(row, 'chosen', chosenText)
    const rejected = answerTokens(row, 'rejected', rejectedText)
    if (chosenText === rejectedText) {
      throw dataInvalid(path, row.line, '', 'expected two different answers, found the same twice')
    }
    checkLength(context, row, promptLength + Math.max(chosen.length, rejected.length))
    const tokens = keep(bos, prompt, chosen, rejected)
    const example = {
      kind: 'pair',
      tokens,
      promptLength,
      chosenLength: chosen.length,
      line: row.line,
    } as const
    // The same prompt may come with several pairs.
    return { input: JSON.stringify([input, chosenText, rejectedText]), examples: [example] }
  }
}
