import { lengthOf } from '../data/stored-example.js'
import { tokensInMemory } from '../data/token-store.js'
import { hasSingleTokenLabels, scoredRows } from '../engine/scored-row.js'
import type { MemoryDemand } from '../memory/memory-demand.js'
import type { ModelDescription } from '../model/description.js'
import { requestIssue } from '../schema/request-issues.js'
import type { Recipe } from '../schema/recipe.js'
import type { RunData } from './open-data.js'

/** Vectors before every row of a recipe. */
export function promptLength(recipe: Recipe): number {
  if (recipe.estimator === 'probes') return 0
  return recipe.parts.reduce((sum, part) => sum + (part.kind === 'soft-prompt' ? part.tokens.length : 0), 0)
}

/** @throws EngineError 'request-invalid' where rows and what stands before them do not fit the model's context */
export function refuseLongerThanContext(
  longest: number,
  { description }: { readonly description: Pick<ModelDescription, 'contextLength'> },
): void {
  if (longest <= description.contextLength) return
  throw requestIssue('prompt-beyond-context', { count: longest, end: description.contextLength })
}

/** What a plan depends on of the rows. */
export interface RowDemand extends Pick<MemoryDemand, 'dataTokens' | 'dataRows'> {
  readonly longestSequence: number
  /** Tokens of the largest example: of all its sequences, padded to the longest. */
  readonly largestExample: number
  /** Sequences that score one example. */
  readonly rowsPerExample: number
  /** Largest share of an example's tokens that the whole vocabulary is scored for; 0 where a few labels are. */
  readonly scoredShare: number
}

/** Looks at every row. */
export function rowDemand(data: RunData): RowDemand {
  const { train, dev, kept } = data
  const { objective } = train.dataset
  if (objective.kind === 'tensors') return tensorDemand(data)
  const examples = [...train.dataset.examples, ...dev.dataset.examples]
  const all = [...examples, ...(kept?.examples ?? [])]
  const scoresVocabulary = kept !== null || !hasSingleTokenLabels(objective)
  let [longestSequence, largestExample, rowsPerExample, scoredShare] = [0, 0, 1, 0]
  for (const example of all) {
    const rows = scoredRows(example, objective)
    const longest = Math.max(...rows.map(({ tokens }) => tokens.length))
    longestSequence = Math.max(longestSequence, longest)
    largestExample = Math.max(largestExample, rows.length * longest)
    rowsPerExample = Math.max(rowsPerExample, rows.length)
    const scored = rows.reduce((sum, { positions }) => sum + positions.length, 0)
    scoredShare = Math.max(scoredShare, scored / (rows.length * longest))
  }
  return {
    longestSequence,
    largestExample,
    rowsPerExample,
    scoredShare: scoresVocabulary ? scoredShare : 0,
    dataTokens: Math.min(
      tokensInMemory,
      all.reduce((sum, example) => sum + lengthOf(example), 0),
    ),
    dataRows: all.length,
  }
}

/** Of rows of tensors, whose positions stand for tokens; the rows themselves stay in their files. */
function tensorDemand({ train, dev }: RunData): RowDemand {
  const examples = [...train.dataset.examples, ...dev.dataset.examples]
  const longest = examples.reduce((most, example) => Math.max(most, lengthOf(example)), 0)
  return {
    ...{ longestSequence: longest, largestExample: longest, rowsPerExample: 1, scoredShare: 0 },
    ...{ dataTokens: 0, dataRows: examples.length },
  }
}

/** Most bytes that a position of a row takes in its file; 0 for rows of text. */
export function bytesPerPosition({ train, dev }: RunData): number {
  return [...train.dataset.examples, ...dev.dataset.examples].reduce(
    (most, example) =>
      example.kind === 'tensors' ? Math.max(most, example.byteLength / example.positions) : most,
    0,
  )
}
