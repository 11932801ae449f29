import type { Tokenizer } from '../data/tokenizer/tokenizer.js'
import { generateTokens, type GenerationEnd, type TokenRequest } from './generate-tokens.js'
import { scanForStops } from './stop-texts.js'

/** Everything that decides which text follows a prompt. */
export interface TextRequest extends Omit<TokenRequest, 'endIds'> {
  readonly tokenizer: Tokenizer
  /** Texts that end the answer; they are not given out. */
  readonly stops: readonly string[]
}

/** What generation reports: pieces of text as they come, and once, last, how it ended. */
export type GenerationEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'end'; readonly reason: GenerationEnd; readonly tokenCount: number }

/**
 * Generates text until the model ends it (or its turn), a stop text comes, or a limit is reached.
 *
 * @throws EngineError 'request-invalid', 'prompt-too-long', 'runtime-failed'
 */
export async function* generate({
  tokenizer,
  stops,
  ...request
}: TextRequest): AsyncGenerator<GenerationEvent> {
  const tokens = generateTokens({ ...request, endIds: tokenizer.endIds })
  const decode = tokenizer.stream()
  let tokenCount = 0
  let pending = ''
  for (;;) {
    const { done, value } = await tokens.next()
    if (done === true) {
      if (pending !== '') yield { type: 'text', text: pending }
      yield { type: 'end', reason: value, tokenCount }
      return
    }
    tokenCount++
    const scanned = scanForStops(pending + decode(value), stops)
    pending = scanned.pending
    if (scanned.text !== '') yield { type: 'text', text: scanned.text }
    if (!scanned.isStopped) continue
    yield { type: 'end', reason: 'stop-text', tokenCount }
    return
  }
}
