import { hashName } from '../random/derive-seed.js'
import { philox4x32, uniform } from '../random/philox.js'
import { EngineError } from '../schema/engine-error.js'
import type { NextTokenModel } from './next-token-model.js'
import { sampleToken, type Sampling } from './sample-token.js'

/** Everything that decides which tokens follow a prompt. */
export interface TokenRequest {
  readonly model: NextTokenModel
  /** At least one token. */
  readonly prompt: readonly number[]
  readonly sampling: Sampling
  readonly seed: number
  readonly maxTokens: number
  /** Tokens that end the text; they are not given out. */
  readonly endIds: ReadonlySet<number>
  readonly signal: AbortSignal
}

/** Why generation ended. */
export type GenerationEnd = 'end-token' | 'stop-text' | 'max-tokens' | 'context-full' | 'aborted'

/** Prompt tokens of one run; between runs an abort is answered. */
const tokensPerRun = 256

/**
 * Generates tokens one by one; equal requests give equal tokens. The model forgets what it was given before.
 *
 * @throws EngineError 'request-invalid', 'prompt-too-long', 'runtime-failed'
 */
export async function* generateTokens(request: TokenRequest): AsyncGenerator<number, GenerationEnd> {
  checkRequest(request)
  const { model, prompt, sampling, seed, maxTokens, endIds, signal } = request
  model.reset()
  let pending = prompt
  for (let count = 0; count < maxTokens; count++) {
    const logits = await append(model, pending, signal)
    if (logits === null) return 'aborted'
    const token = sampleToken(logits, sampling, uniformAt(seed, count))
    if (endIds.has(token)) return 'end-token'
    yield token
    if (prompt.length + count + 1 > model.contextLength) return 'context-full'
    pending = [token]
  }
  return 'max-tokens'
}

/** Logits after `tokens`; null where an abort came first. */
async function append(
  model: NextTokenModel,
  tokens: readonly number[],
  signal: AbortSignal,
): Promise<Float32Array | null> {
  let logits: Float32Array | null = null
  for (let first = 0; first < tokens.length; first += tokensPerRun) {
    if (signal.aborted) return null
    logits = await model.next(tokens.slice(first, first + tokensPerRun))
  }
  return signal.aborted ? null : logits
}

/** The random number in (0, 1) of token `index`. */
function uniformAt(seed: number, index: number): number {
  const [word] = philox4x32([index, 0, 0, 4], [seed, hashName('sampling')])
  return uniform(word)
}

function checkRequest({ model, prompt, sampling, maxTokens }: TokenRequest): void {
  const { temperature, topP } = sampling
  const issues = [
    ...(prompt.length === 0 ? ['the prompt is empty: expected at least one token'] : []),
    ...(temperature >= 0 && temperature < Infinity
      ? []
      : [`temperature: expected 0 or more, found ${temperature}`]),
    ...(topP > 0 && topP <= 1 ? [] : [`topP: expected a number above 0 and up to 1, found ${topP}`]),
    ...(Number.isInteger(maxTokens) && maxTokens > 0
      ? []
      : [`maxTokens: expected a whole number from 1, found ${maxTokens}`]),
  ]
  if (issues.length > 0) throw new EngineError('request-invalid', { issues }, issues.join('; '))
  const { contextLength } = model
  if (prompt.length <= contextLength) return
  throw new EngineError(
    'prompt-too-long',
    { tokens: prompt.length, contextLength, where: 'the prompt' },
    `the prompt has ${prompt.length} tokens; the model's context holds ${contextLength}`,
  )
}
