import type { LayerDescription } from '../../model/description.js'

/** In what the graphs of a model's layers differ. */
export interface LayerKind {
  /** How many positions a query sees, its own included; null where it sees all. */
  readonly window: number | null
  readonly isRotated: boolean
}

/** A layer that sees all positions, and rotates. */
export const plainLayer: LayerKind = { window: null, isRotated: true }

/** The kind of a layer. */
export function layerKind({ window, rope }: LayerDescription): LayerKind {
  return { window, isRotated: rope !== null }
}
