import { chooseRows } from '../random/choose-rows.js'
import { deriveSeed, hashName } from '../random/derive-seed.js'
import { requestInvalid } from '../schema/request-invalid.js'
import type { Draws } from './create-moments.js'
import { joinState, splitState } from './state-bytes.js'
import { swapRowsBack, swapRowsToFront } from './swap-rows.js'
import type { TensorRule } from './tensor-rule.js'

export interface GrassOptions {
  /** Of the matrix, which is [rowCount, columns]. */
  readonly rowCount: number
  readonly columns: number
  /** Rows that move until others are chosen. */
  readonly chosenCount: number
  /** Steps between choices. */
  readonly refreshSteps: number
}

/**
 * Moves a few rows of a matrix at a time and keeps state for those only. They are chosen by the norms of their gradients,
 * the largest always and others at random, each gradient weighted so that together they estimate the whole without bias.
 * After `refreshSteps` steps others are chosen and the inner rule begins afresh.
 *
 * An inner rule that divides by the size of gradients, such as AdamW, takes the weights out again: the choice stays.
 *
 * Source: Grass, Muhamed et al. 2024, arXiv:2406.17660: projection P with one entry a row; the choice is `chooseRows`.
 *
 * @param inner a fresh rule for [chosenCount, columns], whose fresh state is all zeros
 */
export function grass(inner: TensorRule, options: GrassOptions, { seed, tensor }: Draws): TensorRule {
  const { rowCount, columns, chosenCount, refreshSteps } = options
  const count = new Uint32Array(1)
  const rows = new Uint32Array(chosenCount)
  const weights = new Float32Array(chosenCount)
  const choice = [count, rows, weights].map(({ buffer }) => new Uint8Array(buffer))
  const choiceByteLength = choice.reduce((sum, part) => sum + part.byteLength, 0)

  function choose(gradient: Float32Array, step: number): void {
    const chosen = chooseRows(
      rowNorms(gradient, columns),
      chosenCount,
      deriveSeed(seed, hashName(tensor), step),
    )
    count[0] = chosen.rows.length
    rows.set(chosen.rows)
    weights.set(chosen.weights)
    inner.load(new Uint8Array(inner.stateByteLength))
  }

  return {
    parts: [...choice, ...inner.parts],
    stateByteLength: choiceByteLength + inner.stateByteLength,
    update(values, gradient, { step, learningRate }) {
      if (step % refreshSteps === 0) choose(gradient, step)
      const chosen = rows.subarray(0, count[0])
      swapRowsToFront(values, columns, chosen)
      swapRowsToFront(gradient, columns, chosen)
      const end = chosen.length * columns
      for (let i = 0; i < end; i++) gradient[i] *= weights[Math.floor(i / columns)]
      const context = { step: step % refreshSteps, learningRate }
      inner.update(values.subarray(0, end), gradient.subarray(0, end), context)
      swapRowsBack(values, columns, chosen)
    },
    save: () => joinState([...choice, inner.save()]),
    load(bytes) {
      const innerState = new Uint8Array(inner.stateByteLength)
      splitState(bytes, [...choice, innerState])
      requireRows(rows.subarray(0, count[0]), count[0], rowCount)
      inner.load(innerState)
    },
  }
}

/** Rows of a saved state are used as addresses, so they are not taken on trust. */
function requireRows(rows: Uint32Array, count: number, rowCount: number): void {
  if (rows.length === count && rows.every((row, i) => row < rowCount && (i === 0 || row > rows[i - 1])))
    return
  const issue = `optimizer state should name ${rows.length} ascending rows below ${rowCount}, got ${count}: ${rows.subarray(0, 8).join(', ')} …`
  throw requestInvalid(issue)
}

/** Euclidean norm of each row. */
function rowNorms(matrix: Float32Array, columns: number): Float64Array {
  return Float64Array.from({ length: matrix.length / columns }, (_, row) => {
    let squares = 0
    for (let i = row * columns; i < (row + 1) * columns; i++) squares += matrix[i] * matrix[i]
    return Math.sqrt(squares)
  })
}
