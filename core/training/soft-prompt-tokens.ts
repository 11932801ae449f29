import type { Dataset } from '../data/example.js'
import type { Tokenizer } from '../data/tokenizer/tokenizer.js'
import { deriveSeed, hashName } from '../random/derive-seed.js'
import { requestIssue } from '../schema/request-issues.js'

/** What a person may choose of a soft prompt; one of them at most. */
export interface SoftPromptChoices {
  /** How many vectors it has. */
  readonly promptTokens?: number
  /** Text whose embeddings it begins as, one vector a token. */
  readonly promptText?: string
}

const defaultCount = 16
const largestCount = 1024
const purpose = hashName('soft prompt')

/**
 * Tokens whose embeddings a soft prompt begins as: those of a text, or some of the rows', drawn at random, so that frequent
 * ones are likely. Of the starts that Lester et al. 2021 (arXiv:2104.08691, section 3.2) compare, sampled embeddings and those
 * of words of the task both beat random vectors.
 *
 * @throws EngineError 'request-invalid'
 */
export function softPromptTokens(
  { promptTokens, promptText }: SoftPromptChoices,
  tokenizer: Tokenizer,
  { examples }: Dataset,
  seed: number,
): number[] {
  if (promptText !== undefined) {
    if (promptTokens !== undefined) {
      throw requestIssue('prompt-twice')
    }
    return requireCount([...tokenizer.encode(promptText, 'text')])
  }
  const count = requireCount(Array.from({ length: promptTokens ?? defaultCount })).length
  return Array.from({ length: count }, (_, index) => {
    const example = examples[deriveSeed(seed, purpose, index, 0) % examples.length]
    if (example.kind === 'tensors') throw requestIssue('text-of-tensors')
    const { tokens } = example
    return tokens[deriveSeed(seed, purpose, index, 1) % tokens.length]
  })
}

function requireCount<T>(tokens: T[]): T[] {
  if (tokens.length >= 1 && tokens.length <= largestCount) return tokens
  throw requestIssue('prompt-length', { end: largestCount, count: tokens.length })
}
