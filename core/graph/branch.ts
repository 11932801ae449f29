import { add } from './operators/elementwise.js'
import { matrixProduct } from './operators/matrix-product.js'
import type { Tape, Value } from './tape.js'

/** A low-rank branch beside a linear. */
export interface LowRankBranch {
  /** A, shape [rank, columns]. */
  readonly down: Value
  /** B, shape [rows, rank]. */
  readonly up: Value
  /** Multiplies the branch: α / rank, or α / √rank. */
  readonly scale: number
  /** What every row of the batch adds to both; nothing unless said. */
  readonly noise?: BranchNoise
}

/** One matrix of rank one for every row of the batch, left · rightᵀ, beside each matrix of a branch. */
export interface BranchNoise {
  readonly down: RowNoise
  readonly up: RowNoise
}

/** left [batch, 1, outputs of the matrix] and right [batch, inputs of the matrix, 1]. */
export interface RowNoise {
  readonly left: Value
  readonly right: Value
}

/**
 * scale · (x Aᵀ) Bᵀ; with noise, scale · (x (A + a bᵀ)ᵀ) (B + c dᵀ)ᵀ with vectors of its own for every row of the batch. All
 * rows share both products with A and B, and what differs are two thin products each: (x b) aᵀ and (z d) cᵀ.
 *
 * Source: LoRA, Hu et al. 2021, arXiv:2106.09685; of the noise EGGROLL, arXiv:2511.16652.
 *
 * @param x shape [batch, sequence, columns]
 * @returns shape [batch, sequence, rows]
 */
export function branchProduct(tape: Tape, x: Value, { down, up, scale, noise }: LowRankBranch): Value {
  if (noise === undefined) return matrixProduct(tape, matrixProduct(tape, x, down), up, scale)
  const inner = add(tape, matrixProduct(tape, x, down), noiseProduct(tape, x, noise.down, 1))
  return add(tape, matrixProduct(tape, inner, up, scale), noiseProduct(tape, inner, noise.up, scale))
}

/** scale · (x right) leftᵀ, row by row of the batch. Forward passes only: no gradient goes through it. */
function noiseProduct(tape: Tape, x: Value, { left, right }: RowNoise, scale: number): Value {
  const along = tape.node('MatMul', [x, right])
  const alpha = scale === 1 ? {} : { alpha: { float: scale } }
  return tape.node('FusedMatMul', [along, left], alpha, { domain: 'com.microsoft' })
}
