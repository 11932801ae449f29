import type { LoadedModel } from './loaded-model.js'

/** Logits of a few tokens at one hidden state. */
export type LabelHead = (hidden: Float32Array, offset: number) => Float64Array

/**
 * A head for the output rows of `tokens` alone: logit(t) = w_t · (h / √(mean(h²) + ε) ∘ norm), summed in float64.
 *
 * Exact, and 2–3 times fewer operations than scoring every label apart: one forward pass of the prompt serves all of them.
 */
export function labelHead(model: LoadedModel, tokens: readonly number[]): LabelHead {
  const { width, normEpsilon } = model.description
  const rows = normedRows(model, tokens)
  return (hidden, offset) => {
    let squares = 0
    for (let i = 0; i < width; i++) squares += hidden[offset + i] * hidden[offset + i]
    const inverse = 1 / Math.sqrt(squares / width + normEpsilon)
    return Float64Array.from(rows, (row) => {
      let sum = 0
      for (let i = 0; i < width; i++) sum += hidden[offset + i] * row[i]
      return sum * inverse
    })
  }
}

/** The output rows of `tokens` times the weight of the final norm: w_t ∘ norm. */
export function normedRows(model: LoadedModel, tokens: readonly number[]): Float64Array[] {
  return tokens.map((token) => {
    const row = new Float32Array(model.description.width)
    model.output.readRow(token, row, 0)
    return Float64Array.from(row, (weight, column) => weight * model.outputNorm[column])
  })
}

/** log Σ exp(x), without overflow. */
export function logSumExp(values: ArrayLike<number>): number {
  let maximum = -Infinity
  for (let i = 0; i < values.length; i++) maximum = Math.max(maximum, values[i])
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += Math.exp(values[i] - maximum)
  return maximum + Math.log(sum)
}
