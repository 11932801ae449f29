import { linearNames, type LinearName } from '../model/description.js'
import { EngineError } from '../schema/engine-error.js'
import type { TrainedPartSettings } from '../schema/trained-part.js'

/** What a person may choose of the parts of a recipe. */
export interface PartChoices {
  readonly seed: number
  /** Whether row factors have block-column factors beside them. */
  readonly hasColumns?: boolean
  /** Of low-rank branches. */
  readonly rank?: number
  readonly alpha?: number
  readonly isRankStabilized?: boolean
  /** The linears that have low-rank branches. */
  readonly linears?: readonly LinearName[]
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
  return parts.map((part) => {
    switch (part.kind) {
      case 'factors':
        return { ...part, hasColumns: choices.hasColumns ?? part.hasColumns }
      case 'low-rank':
        return {
          ...part,
          seed: choices.seed,
          rank: choices.rank ?? part.rank,
          alpha: choices.alpha ?? part.alpha,
          isRankStabilized: choices.isRankStabilized ?? part.isRankStabilized,
          linears: inOrder(choices.linears ?? part.linears),
        }
      default:
        return part
    }
  })
}

/** @throws EngineError 'request-invalid' for a choice that concerns none of a recipe's parts */
export function refuseIdleChoices(
  recipe: string,
  parts: readonly TrainedPartSettings[],
  { hasColumns, rank, alpha, isRankStabilized, linears }: PartChoices,
): void {
  const refuseWithout = (kind: TrainedPartSettings['kind'], isChosen: boolean, issue: string): void => {
    if (!isChosen || parts.some((part) => part.kind === kind)) return
    throw new EngineError('request-invalid', { issues: [issue] }, issue)
  }
  refuseWithout(
    'factors',
    hasColumns === true,
    `column factors stand beside row factors, which '${recipe}' does not have`,
  )
  refuseWithout(
    'low-rank',
    [rank, alpha, isRankStabilized, linears].some((choice) => choice !== undefined),
    `'${recipe}' has no low-rank branches to choose rank, alpha or linears of; 'exact-lora' has`,
  )
}

/** Each once, in the order of a block. */
function inOrder(linears: readonly LinearName[]): LinearName[] {
  return linearNames.filter((name) => linears.includes(name))
}
