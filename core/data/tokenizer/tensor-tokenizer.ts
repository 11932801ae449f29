import { requestIssue } from '../../schema/request-issues.js'
import type { Tokenizer } from './tokenizer.js'

const refuse = (): never => {
  throw requestIssue('text-of-tensors')
}

/** Of a model that reads no text: whoever has some for it is told so. Its functions throw EngineError 'request-invalid'. */
export const tensorTokenizer: Tokenizer = {
  vocabularySize: 0,
  bosId: null,
  eosId: null,
  padId: null,
  addsBos: false,
  addsEos: false,
  endIds: new Set(),
  encode: refuse,
  cut: refuse,
  decode: refuse,
  stream: refuse,
  toJson: refuse,
}
