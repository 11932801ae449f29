import type { Objective, PairExample } from '../data/example.js'
import type { BaseMargins } from './base-margins.js'

/** What the losses of examples depend on, beside the model. */
export interface LossOptions {
  readonly objective: Objective
  /** What pairs are compared with; without it, with a base that holds both answers equally likely. */
  readonly baseMargins?: BaseMargins | undefined
}

/**
 * Of a pair: log p(chosen) − log p(rejected) of the model, less that of the base, in nats.
 *
 * @param logProbabilities of the tokens of either answer
 */
export function pairMargin(
  pair: PairExample,
  [chosen, rejected]: readonly (readonly { readonly logProbability: number }[])[],
  { baseMargins }: LossOptions,
): number {
  const sum = (tokens: readonly { readonly logProbability: number }[]): number =>
    tokens.reduce((total, { logProbability }) => total + logProbability, 0)
  return sum(chosen) - sum(rejected) - (baseMargins?.of(pair) ?? 0)
}

/**
 * DPO: L = −log σ(β · margin), in nats; log 2 where the model is the base.
 *
 * Source: Rafailov et al. 2023, arXiv:2305.18290, equation 7.
 */
export function preferenceLoss(margin: number, objective: Objective): number {
  const logit = betaOf(objective) * margin
  return Math.log1p(Math.exp(-Math.abs(logit))) + Math.max(-logit, 0)
}

/** ∂L/∂margin = −β · σ(−β · margin): at log p(chosen) with this sign, at log p(rejected) with the other. */
export function preferenceSlope(margin: number, objective: Objective): number {
  const beta = betaOf(objective)
  return -beta / (1 + Math.exp(beta * margin))
}

function betaOf(objective: Objective): number {
  // Pairs are only ever made for this objective.
  return (objective as Extract<Objective, { kind: 'preference' }>).beta
}
