import { basename } from 'node:path'
import type { Dataset, Example, Objective } from '../data/example.js'
import type { ExampleScore } from '../engine/example-score.js'

/**
 * What a model said of each row, as JSON Lines.
 *
 * @param answers texts that it wrote or chose, by line
 */
export function predictionLines(
  { objective, examples }: Dataset,
  scores: readonly ExampleScore[],
  answers: ReadonlyMap<number, string>,
): string {
  return examples
    .map((example, i) => {
      const answer = answers.get(example.line)
      const said = { ...prediction(objective, example, scores[i]), ...(answer !== undefined && { answer }) }
      return `${JSON.stringify(said)}\n`
    })
    .join('')
}

function prediction(objective: Objective, example: Example, score: ExampleScore): object {
  const { loss, tokens, isCorrect, margin } = score
  if (example.kind === 'pair') return { line: example.line, loss, margin, isCorrect }
  if (example.kind === 'tensors') return { line: example.line, file: basename(example.path), loss }
  if (objective.kind !== 'labels' || example.kind !== 'label') {
    return { line: example.line, loss, tokens, isCorrect }
  }
  const label = objective.options[example.label].name
  const predicted = score.prediction === null ? null : objective.options[score.prediction].name
  return { line: example.line, label, prediction: predicted, loss, isCorrect }
}
