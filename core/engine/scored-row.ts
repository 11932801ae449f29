import type { Dataset, Example, Objective, PairExample } from '../data/example.js'

/** One sequence to run, and where to look in it. */
export interface ScoredRow {
  readonly tokens: Int32Array
  /** Positions whose hidden state is read. */
  readonly positions: readonly number[]
  /** The token that follows each position; empty where the label logits of one position decide. */
  readonly targets: readonly number[]
}

/** True where one forward pass of the prompt scores every label: each is one token. */
export function hasSingleTokenLabels(objective: Objective): boolean {
  return objective.kind === 'labels' && objective.options.every((option) => option.tokens.length === 1)
}

/**
 * The sequences that score an example: the prompt alone where all labels are single tokens, the prompt with each option
 * where they are not, the prompt with either answer for pairs, and the sequence itself for answers and text. Tensors have none.
 */
export function scoredRows(example: Example, objective: Objective): ScoredRow[] {
  if (example.kind === 'tensors') return []
  if (example.kind === 'sequence') return [sequenceRow(example.tokens, example.scored)]
  if (example.kind === 'pair') return pairRows(example)
  if (objective.kind !== 'labels' || hasSingleTokenLabels(objective)) {
    return [{ tokens: example.tokens, positions: [example.tokens.length - 1], targets: [] }]
  }
  return objective.options.map(({ tokens }) => continuedRow(example.tokens, tokens))
}

/** Tokens of the longest sequence that scores an example of a dataset. */
export function longestRow({ examples, objective }: Dataset): number {
  let longest = 0
  for (const example of examples) {
    for (const { tokens } of scoredRows(example, objective)) longest = Math.max(longest, tokens.length)
  }
  return longest
}

/** Of the chosen answer, then of the rejected one. */
function pairRows({ tokens, promptLength, chosenLength }: PairExample): ScoredRow[] {
  const prompt = tokens.subarray(0, promptLength)
  const answers = [[promptLength, promptLength + chosenLength], [promptLength + chosenLength]]
  return answers.map(([first, end]) => continuedRow(prompt, [...tokens.subarray(first, end)]))
}

/** A prompt with what follows it; all of that is scored. */
function continuedRow(prompt: Int32Array, targets: readonly number[]): ScoredRow {
  return {
    tokens: Int32Array.from([...prompt, ...targets]),
    positions: targets.map((_, index) => prompt.length + index - 1),
    targets,
  }
}

function sequenceRow(tokens: Int32Array, scored: Uint8Array): ScoredRow {
  const positions: number[] = []
  const targets: number[] = []
  for (let i = 1; i < tokens.length; i++) {
    if (scored[i] === 0) continue
    positions.push(i - 1)
    targets.push(tokens[i])
  }
  return { tokens, positions, targets }
}
