import type { RopeDescription } from '../../model/description.js'
import type { Tape, Value } from '../tape.js'

/** Angles of rotary embedding, each of shape [positions, dimensions / 2]. */
export interface RotaryTables {
  readonly cosines: Value
  readonly sines: Value
}

/**
 * Rotates the pairs of every head by their position's angles. The pullback of a rotation is the rotation back, which is the
 * same with the sines negated: call it with `inverse`.
 *
 * Source: RoFormer, Su et al. 2021, arXiv:2104.09864, section 3.2.
 *
 * @param x shape [batch, sequence, heads · headWidth]
 * @param positions int64: of each token, shape [batch, sequence], or of the first alone; 0 unless said
 */
export function rotate(
  tape: Tape,
  x: Value,
  heads: number,
  rope: Pick<RopeDescription, 'layout' | 'dimensions'>,
  { cosines, sines }: RotaryTables,
  direction: 'forward' | 'inverse',
  positions = tape.int64([0]),
): Value {
  const turned = direction === 'forward' ? sines : tape.node('Neg', [sines])
  return tape.node(
    'RotaryEmbedding',
    [x, positions, cosines, turned],
    {
      interleaved: rope.layout === 'interleaved' ? 1 : 0,
      num_heads: heads,
      rotary_embedding_dim: rope.dimensions,
    },
    { domain: 'com.microsoft' },
  )
}
