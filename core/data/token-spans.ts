import type { Objective, TextExample } from './example.js'
import type { Tokenizer } from './tokenizer/tokenizer.js'

/** Text of consecutive tokens that are all trained on, or all not. */
export interface TokenSpan {
  readonly text: string
  readonly isTrained: boolean
  readonly tokenCount: number
}

/**
 * What the model sees of an example, cut where training begins and ends: of a labels task, the prompt and then the right
 * label; of a pair, the prompt and the chosen answer; otherwise the sequence. Special tokens are shown by their names.
 */
export function tokenSpans(example: TextExample, objective: Objective, tokenizer: Tokenizer): TokenSpan[] {
  const { ids, isTrained } = shownTokens(example, objective)
  const starts = ids.flatMap((_, index) =>
    index === 0 || isTrained(index) !== isTrained(index - 1) ? [index] : [],
  )
  // By differences of prefixes: a tokenizer treats the first token of a text unlike the others.
  const textUpTo = (end: number): string => tokenizer.decode(ids.slice(0, end), { keepSpecial: true })
  return starts.map((start, index) => {
    const end = starts[index + 1] ?? ids.length
    return {
      text: textUpTo(end).slice(textUpTo(start).length),
      isTrained: isTrained(start),
      tokenCount: end - start,
    }
  })
}

function shownTokens(
  example: TextExample,
  objective: Objective,
): { ids: number[]; isTrained: (index: number) => boolean } {
  if (example.kind === 'pair') {
    const { tokens, promptLength, chosenLength } = example
    const ids = [...tokens.subarray(0, promptLength + chosenLength)]
    return { ids, isTrained: (index) => index >= promptLength }
  }
  const prompt = [...example.tokens]
  if (example.kind === 'sequence') {
    const { scored } = example
    return { ids: prompt, isTrained: (index) => scored[index] === 1 }
  }
  const label = objective.kind === 'labels' ? objective.options[example.label].tokens : []
  return { ids: [...prompt, ...label], isTrained: (index) => index >= prompt.length }
}
