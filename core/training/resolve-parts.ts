import { linearNames, type LinearName } from '../model/description.js'
import { requestIssue, type RequestIssueCode } from '../schema/request-issues.js'
import type { LowRankSettings, TrainedPartSettings } from '../schema/trained-part.js'

/** What a person may choose of the parts of a recipe. */
export interface PartChoices {
  readonly seed: number
  /** Whether row factors have block-column factors beside them. */
  readonly hasColumns?: boolean
  /** Of low-rank branches. */
  readonly rank?: number
  readonly alpha?: number
  readonly isRankStabilized?: boolean
  /** The linears that have low-rank branches or master weights. */
  readonly linears?: readonly LinearName[]
  /** Whether the zero points of blocks are trained beside their scales. */
  readonly hasZeroPoints?: boolean
  /** Of master weights. */
  readonly bits?: 2 | 4
  readonly trainsGrid?: boolean
  readonly softRounding?: number
  /** Of the tokens, for gradients of weights, scales and zero points. */
  readonly tokenShare?: number
  /** Whose embeddings a soft prompt begins as. */
  readonly softPrompt?: readonly number[]
}

/**
 * A recipe's parts with what a person chose of them.
 *
 * @param recipe its name, for messages
 * @throws EngineError 'request-invalid' for a choice that concerns none of them
 */
export function resolveParts(
  recipe: string,
  parts: readonly TrainedPartSettings[],
  choices: PartChoices,
): TrainedPartSettings[] {
  refuseIdleChoices(recipe, parts, choices)
  return parts.flatMap((part): TrainedPartSettings | TrainedPartSettings[] => {
    switch (part.kind) {
      case 'factors':
        return { ...part, hasColumns: choices.hasColumns ?? part.hasColumns }
      case 'low-rank':
        return branchesOf(part, choices)
      case 'scales':
        return choices.hasZeroPoints === true ? [part, { kind: 'zero-points' }] : part
      case 'master-weights':
        return {
          ...part,
          bits: choices.bits ?? part.bits,
          linears: inOrder(choices.linears ?? part.linears),
          trainsGrid: choices.trainsGrid ?? part.trainsGrid,
          softRounding: choices.softRounding ?? part.softRounding,
        }
      case 'soft-prompt':
        return { ...part, tokens: [...(choices.softPrompt ?? part.tokens)] }
      default:
        return part
    }
  })
}

/** Low-rank branches with what a person chose of them. */
export function branchesOf(branches: LowRankSettings, choices: PartChoices): LowRankSettings {
  return {
    ...branches,
    seed: choices.seed,
    rank: choices.rank ?? branches.rank,
    alpha: choices.alpha ?? branches.alpha,
    isRankStabilized: choices.isRankStabilized ?? branches.isRankStabilized,
    linears: inOrder(choices.linears ?? branches.linears),
  }
}

/** @throws EngineError 'request-invalid' for a choice that concerns none of a recipe's parts */
export function refuseIdleChoices(
  recipe: string,
  parts: readonly TrainedPartSettings[],
  choices: PartChoices,
): void {
  const { hasColumns, hasZeroPoints, rank, alpha, isRankStabilized, linears } = choices
  const { bits, trainsGrid, softRounding, tokenShare } = choices
  const refuseWithout = (kinds: readonly Kind[], of: readonly unknown[], issue: RequestIssueCode): void => {
    const isIdle = of.every((choice) => choice === undefined || choice === false)
    if (isIdle || parts.some(({ kind }) => kinds.includes(kind))) return
    throw requestIssue(issue, { recipe })
  }
  refuseWithout(['factors'], [hasColumns], 'columns-without-rows')
  refuseWithout(['scales'], [hasZeroPoints], 'zero-points-without-scales')
  refuseWithout(['low-rank'], [rank, alpha, isRankStabilized], 'rank-without-branches')
  refuseWithout(['master-weights'], [bits, trainsGrid, softRounding], 'bits-without-weights')
  refuseWithout(['low-rank', 'master-weights'], [linears], 'all-linears')
  refuseWithout(['master-weights', 'scales', 'zero-points'], [tokenShare], 'tokens-without-weights')
}

type Kind = TrainedPartSettings['kind']

/** Each once, in the order of a block. */
export function inOrder(linears: readonly LinearName[]): LinearName[] {
  return linearNames.filter((name) => linears.includes(name))
}
