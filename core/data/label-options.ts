import { continuationTokens } from './continuation-tokens.js'
import type { Objective } from './example.js'
import type { Tokenizer } from './tokenizer/tokenizer.js'
import { requestInvalid } from '../schema/request-invalid.js'

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
    if (tokens.length === 0) throw requestInvalid(`label '${name}' has no text`)
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
      const relation = isEqual ? 'the same tokens as' : 'tokens that are the start of those of'
      throw requestInvalid(
        `the text of label '${option.name}' (${JSON.stringify(option.text)}) has ${relation} label ` +
          `'${other.name}' (${JSON.stringify(other.text)}), so the model could not choose between them; ` +
          `give other texts with --labels`,
      )
    }
  }
}
