import {
  shortened,
  textExample,
  type Dataset,
  type Example,
  type ExampleScore,
  type RowChange,
  type TextExample,
  type Tokenizer,
} from '../../core/index.js'
import type { ComparedRow } from '../ipc/comparison.js'

/** Characters of a prompt or an answer that a list shows. */
const shownCharacters = 1000

/** Rows with what both models said of them, those whose loss changed most first. */
export function comparedRows(
  { examples, objective }: Dataset,
  tokenizer: Tokenizer,
  base: readonly ExampleScore[],
  adapted: readonly ExampleScore[],
  changes: readonly RowChange[],
): ComparedRow[] {
  const labels = objective.kind === 'labels' ? objective.options.map(({ name }) => name) : []
  const labelOf = (score: ExampleScore | undefined): string | null => labels[score?.prediction ?? -1] ?? null
  const rows = examples.flatMap((example, index): ComparedRow[] => {
    const [before, after, change] = [base[index], adapted[index], changes[index]]
    if (before === undefined || after === undefined || change === undefined) return []
    return [
      {
        line: example.line,
        ...textsOf(textExample(example), labels, tokenizer),
        baseLabel: labelOf(before),
        adaptedLabel: labelOf(after),
        baseLoss: before.loss,
        adaptedLoss: after.loss,
        change,
      },
    ]
  })
  const size = ({ baseLoss, adaptedLoss }: ComparedRow): number => Math.abs(adaptedLoss - baseLoss)
  return rows.toSorted((left, right) => size(right) - size(left))
}

/** The text that an example asks with, without special tokens. */
export function promptText(example: Example, tokenizer: Tokenizer): string {
  return tokenizer.decode(promptTokens(example))
}

/** Ids of what an example asks with. */
export function promptTokens(example: Example): number[] {
  const text = textExample(example)
  return [...text.tokens.subarray(0, promptLength(text))]
}

/** What the model was given, and what was expected of it. */
function textsOf(
  example: TextExample,
  labels: readonly string[],
  tokenizer: Tokenizer,
): { prompt: string; expected: string } {
  const textOf = (ids: readonly number[]): string => shortened(tokenizer.decode(ids), shownCharacters)
  const ids = [...example.tokens]
  const start = promptLength(example)
  const end = example.kind === 'pair' ? start + example.chosenLength : ids.length
  const expected = example.kind === 'label' ? (labels[example.label] ?? '') : textOf(ids.slice(start, end))
  return { prompt: textOf(ids.slice(0, start)), expected }
}

/** Tokens before the first one that is asked for. */
function promptLength(example: TextExample): number {
  if (example.kind === 'label') return example.tokens.length
  if (example.kind === 'pair') return example.promptLength
  return Math.max(0, example.scored.indexOf(1))
}
