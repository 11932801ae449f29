import type { RopeDescription } from '../model/description.js'

/**
 * Cosines and sines of rotary embedding, each of shape [positions, dimensions / 2]:
 * angle(p, i) = p / positionScale · base^(−2i / dimensions) / frequencyFactor(i), both times the rope's magnitude.
 *
 * Source: RoFormer, Su et al. 2021, arXiv:2104.09864, section 3.2; factors as Llama 3 uses them.
 *
 * @param length of the sequence, where that decides the factors; `positions` unless said
 */
export function ropeTables(
  rope: RopeDescription,
  positions: number,
  length = positions,
): { cosines: Float32Array; sines: Float32Array } {
  const { longFactors, magnitude } = rope
  const factors =
    longFactors !== null && length > longFactors.above ? longFactors.factors : rope.frequencyFactors
  const pairs = rope.dimensions / 2
  const cosines = new Float32Array(positions * pairs)
  const sines = new Float32Array(positions * pairs)
  for (let pair = 0; pair < pairs; pair++) {
    const frequency = rope.base ** ((-2 * pair) / rope.dimensions) / (factors?.[pair] ?? 1)
    for (let position = 0; position < positions; position++) {
      const angle = (position / rope.positionScale) * frequency
      cosines[position * pairs + pair] = magnitude * Math.cos(angle)
      sines[position * pairs + pair] = magnitude * Math.sin(angle)
    }
  }
  return { cosines, sines }
}
