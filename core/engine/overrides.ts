import type { BlockOverride } from './block-runner.js'

/** Where one row of a batch stands: which direction is its own, and which way along it. */
export interface RowProbe {
  readonly lane: number
  readonly sign: 1 | -1
}

/** The tensors of a trained layer for the given rows (null: all rows at the state itself). */
export interface Overrides {
  (layer: number, probes: readonly RowProbe[] | null): BlockOverride | null
  /** Vectors that stand before every row, shape [count, width]; none unless said. */
  readonly prompt?: Float32Array
}
