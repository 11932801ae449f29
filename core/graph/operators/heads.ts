import type { ModelDescription } from '../../model/description.js'
import type { Value } from '../tape.js'

/** What attention's nodes depend on. */
export type AttentionShape = Pick<ModelDescription, 'headCount' | 'kvHeadCount' | 'headWidth' | 'rope'>

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
