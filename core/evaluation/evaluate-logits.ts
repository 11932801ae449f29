import { textExample, type Example, type Objective } from '../data/example.js'
import type { BaseMargins } from '../engine/base-margins.js'
import { labelScore, type ExampleScore } from '../engine/example-score.js'
import { logSumExp } from '../engine/label-head.js'
import type { LossOptions } from '../engine/preference.js'
import { scoreRows } from '../engine/read-tokens.js'
import { scoredRows, type ScoredRow } from '../engine/scored-row.js'
import type { TokenScore } from '../engine/vocabulary-head.js'
import { figuresOf, type Evaluation } from './evaluate.js'

/** A model that says what may follow each of its tokens. */
export interface LogitsModel {
  /** Appends up to 64 tokens; logits after each, shape [tokens, vocabulary]. */
  append(tokens: readonly number[]): Promise<Float32Array>
  /** Forgets all tokens. */
  reset(): void
}

const tokensPerRun = 64

/**
 * Scores examples one sequence at a time by a model's logits: for judging an exported model, not for training.
 *
 * @param baseMargins what pairs are compared with
 */
export async function* evaluateLogits(
  model: LogitsModel,
  examples: readonly Example[],
  objective: Objective,
  baseMargins?: BaseMargins,
): AsyncGenerator<{ readonly done: number; readonly total: number }, Evaluation> {
  const scores: ExampleScore[] = []
  for (const example of examples) {
    scores.push(await scoreExample(model, example, { objective, baseMargins }))
    yield { done: scores.length, total: examples.length }
  }
  return { figures: figuresOf(scores, 0, objective.kind !== 'text'), scores }
}

async function scoreExample(
  model: LogitsModel,
  example: Example,
  options: LossOptions,
): Promise<ExampleScore> {
  const { objective } = options
  const rows = scoredRows(example, objective)
  if (example.kind === 'label' && objective.kind === 'labels' && rows[0].targets.length === 0) {
    const [logits] = await logitsAt(model, rows[0])
    return labelScore(
      objective.options.map(({ tokens: [token] }) => logits[token]),
      example.label,
    )
  }
  const byRow: TokenScore[][] = []
  for (const row of rows) {
    const logits = await logitsAt(model, row)
    byRow.push(logits.map((each, index) => tokenScore(each, row.targets[index])))
  }
  return scoreRows(textExample(example), rows, byRow, options)
}

/** Logits at the positions of a row, in their order. */
async function logitsAt(model: LogitsModel, { tokens, positions }: ScoredRow): Promise<Float32Array[]> {
  model.reset()
  const found: Float32Array[] = []
  for (let first = 0; first < tokens.length; first += tokensPerRun) {
    const piece = [...tokens.subarray(first, first + tokensPerRun)]
    const logits = await model.append(piece)
    const vocabularySize = logits.length / piece.length
    for (const position of positions) {
      const offset = (position - first) * vocabularySize
      if (offset < 0 || offset >= logits.length) continue
      found.push(logits.slice(offset, offset + vocabularySize))
    }
  }
  return found
}

function tokenScore(logits: Float32Array, target: number): TokenScore {
  let bestToken = 0
  for (let token = 1; token < logits.length; token++) if (logits[token] > logits[bestToken]) bestToken = token
  return { logProbability: logits[target] - logSumExp(logits), bestToken }
}
