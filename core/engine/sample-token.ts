import { EngineError } from '../schema/engine-error.js'
import { deviceProblem } from '../schema/device-problems.js'

/** How the next token is drawn. */
export interface Sampling {
  /** Divides the logits; 0 always takes the most likely token. */
  readonly temperature: number
  /** Draws among the fewest most likely tokens that have this much probability together; 1 draws among all. */
  readonly topP: number
}

/**
 * Draws a token from softmax(logits / temperature), cut off to the nucleus of probability `topP`.
 *
 * Source: nucleus sampling, Holtzman et al. 2020, arXiv:1904.09751, section 3.1.
 *
 * @param logits shape [vocabulary]
 * @param uniform the random number that decides, in [0, 1)
 * @throws EngineError 'runtime-failed' where logits are not finite
 */
export function sampleToken(
  logits: ArrayLike<number>,
  { temperature, topP }: Sampling,
  uniform: number,
): number {
  const best = mostLikelyToken(logits)
  if (temperature === 0) return best
  // Weights relative to the most likely token, so that none overflows.
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - logits[best]) / temperature))
  return drawWeighted(weights, topP < 1 ? nucleus(weights, topP) : weights.keys(), uniform)
}

/** The token with the largest logit, the first of equals. Throws as `sampleToken`. */
export function mostLikelyToken(logits: ArrayLike<number>): number {
  let best = 0
  for (let token = 0; token < logits.length; token++) {
    if (!Number.isFinite(logits[token])) throw notFinite(token, logits[token])
    if (logits[token] > logits[best]) best = token
  }
  return best
}

/** The most likely tokens, in order, up to the one with which they reach `topP` of the whole. */
function nucleus(weights: Float64Array, topP: number): number[] {
  const total = sum(weights)
  // All tokens below this limit have less than 1 − topP together, so sorting them is not needed.
  const limit = ((1 - topP) * total) / weights.length
  const candidates: number[] = []
  weights.forEach((weight, token) => {
    if (weight >= limit) candidates.push(token)
  })
  candidates.sort((left, right) => weights[right] - weights[left] || left - right)
  let reached = 0
  const last = candidates.findIndex((token) => (reached += weights[token]) >= topP * total)
  return last < 0 ? candidates : candidates.slice(0, last + 1)
}

/** The first of `tokens` whose cumulated weight exceeds `uniform` of the whole. */
function drawWeighted(weights: Float64Array, tokens: Iterable<number>, uniform: number): number {
  const drawn = [...tokens]
  const target = uniform * drawn.reduce((total, token) => total + weights[token], 0)
  let reached = 0
  return drawn.find((token) => (reached += weights[token]) > target) ?? drawn[drawn.length - 1]
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0)
}

function notFinite(token: number, logit: number): EngineError {
  const operation = deviceProblem('predicting-failed')
  return new EngineError(
    'runtime-failed',
    { operation },
    `Cannot ${operation}: expected finite logits, found ${logit} for token ${token}`,
  )
}
