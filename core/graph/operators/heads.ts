import type { ModelDescription, RopeDescription } from '../../model/description.js'
import type { Value } from '../tape.js'
import type { LayerKind } from './layer-kind.js'

/** What attention's nodes depend on. */
export interface AttentionShape extends Pick<
  ModelDescription,
  'headCount' | 'kvHeadCount' | 'headWidth' | 'attentionScale' | 'attentionSoftCap'
> {
  readonly window: number | null
  /** Null where queries and keys are not rotated. */
  readonly rope: Pick<RopeDescription, 'layout' | 'dimensions'> | null
}

/** The attention of a model's layers of a kind. All that rotate have the same pairs. */
export function attentionShape(model: ModelDescription, { window, isRotated }: LayerKind): AttentionShape {
  return { ...model, window, rope: isRotated ? model.rope : null }
}

/** What attention reads: before rotation, shape [batch, sequence, heads · headWidth], with fewer heads of keys and values. */
export interface Heads {
  readonly queries: Value
  readonly keys: Value
  readonly values: Value
}

/** Attention's output, shape [batch, sequence, heads · headWidth], and the keys and values of all positions. */
export interface Attended {
  readonly output: Value
  readonly keys: Value
  readonly values: Value
}
