import { continuationTokens } from './continuation-tokens.js'
import type { Objective } from './example.js'
import type { Tokenizer } from './tokenizer/tokenizer.js'
import { requestIssue } from '../schema/request-issues.js'

export type LabelOptions = Extract<Objective, { kind: 'labels' }>['options']

/**
 * Token ids of each label, tokenized apart from the prompt.
 *
 * @param labels from what the data file writes to the text that the model reads
 * @throws request-invalid for a label without text
 */
export function labelOptions(labels: Readonly<Record<string, string>>, tokenizer: Tokenizer): LabelOptions {
  return Object.entries(labels).map(([name, text]) => {
    const tokens = continuationTokens(text, tokenizer)
    if (tokens.length === 0) throw requestIssue('label-silent', { name })
    return { name, text, tokens }
  })
}

/**
 * Two labels must differ, and none may be the start of another: the shorter would never be less likely than the longer.
 *
 * @throws request-invalid
 */
export function refuseAmbiguousLabels(options: LabelOptions): void {
  for (const option of options) {
    for (const other of options) {
      if (option === other || !option.tokens.every((id, index) => other.tokens[index] === id)) continue
      const isEqual = option.tokens.length === other.tokens.length
      const text = JSON.stringify(option.text)
      const otherText = JSON.stringify(other.text)
      const values = { name: option.name, text, other: other.name, otherText }
      throw requestIssue(isEqual ? 'labels-equal' : 'labels-nested', values)
    }
  }
}
