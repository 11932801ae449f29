import { requestIssue } from '../../schema/request-issues.js'
import { noSpecialTokens } from './no-special-tokens.js'
import type { Tokenizer } from './tokenizer.js'

const refuse = (): never => {
  throw requestIssue('text-of-tensors')
}

/** Of a model that reads no text: whoever has some for it is told so. Its functions throw EngineError 'request-invalid'. */
export const tensorTokenizer: Tokenizer = {
  vocabularySize: 0,
  ...noSpecialTokens,
  encode: refuse,
  cut: refuse,
  decode: refuse,
  stream: refuse,
  toJson: refuse,
}
