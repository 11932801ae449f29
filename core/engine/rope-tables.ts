import type { RopeDescription } from '../model/description.js'

/**
 * Cosines and sines of rotary embedding, each of shape [positions, dimensions / 2]:
 * angle(p, i) = p / positionScale · base^(−2i / dimensions) / frequencyFactor(i)
 *
 * Source: RoFormer, Su et al. 2021, arXiv:2104.09864, section 3.2; factors as Llama 3 uses them.
 */
export function ropeTables(
  rope: RopeDescription,
  positions: number,
): { cosines: Float32Array; sines: Float32Array } {
  const pairs = rope.dimensions / 2
  const cosines = new Float32Array(positions * pairs)
  const sines = new Float32Array(positions * pairs)
  for (let pair = 0; pair < pairs; pair++) {
    const frequency = rope.base ** ((-2 * pair) / rope.dimensions) / (rope.frequencyFactors?.[pair] ?? 1)
    for (let position = 0; position < positions; position++) {
      const angle = (position / rope.positionScale) * frequency
      cosines[position * pairs + pair] = Math.cos(angle)
      sines[position * pairs + pair] = Math.sin(angle)
    }
  }
  return { cosines, sines }
}
