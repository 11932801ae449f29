import { furthestValue } from '../furthest-value.js'
import type { Levels } from '../levels.js'

/** Most turns of choosing codes and fitting the scale to them. */
const rounds = 4

/** Writes the codes of the nearest scaled levels. Returns Σ (value − scale · level)². */
export function codesOfScale(values: Float32Array, scale: number, levels: Levels, codes: Uint8Array): number {
  levels.encode(values, scale === 0 ? 0 : 1 / scale, codes)
  const table = levels.values
  let error = 0
  for (let i = 0; i < values.length; i++) {
    const difference = values[i] - scale * table[codes[i]]
    error += difference * difference
  }
  return error
}

/**
 * The scale by which `values` lie nearest to scaled levels, in least squares: from the scales that put the value furthest from
 * 0 on either end of the levels, or a little outside, codes and scale are fitted to each other in turn.
 *
 * Source: Lloyd 1982's alternation.
 *
 * @param codes room for as many codes; what it holds afterwards means nothing
 */
export function fitScale(values: Float32Array, levels: Levels, codes: Uint8Array): number {
  const furthest = furthestValue(values)
  if (furthest === 0) return 0
  const [lowest, highest] = [levels.values[0], levels.values[levels.values.length - 1]]
  let best = 0
  let bestError = Infinity
  for (const end of [lowest, highest, 1.08 * lowest]) {
    let scale = furthest / end
    for (let round = 0; round < rounds; round++) {
      const error = codesOfScale(values, scale, levels, codes)
      if (error < bestError) {
        best = scale
        bestError = error
      } else if (round > 0) break
      scale = scaleOfCodes(values, codes, levels.values)
    }
  }
  return best
}

/** Σ value · level / Σ level². */
function scaleOfCodes(values: Float32Array, codes: Uint8Array, table: Float64Array): number {
  let [products, squares] = [0, 0]
  for (let i = 0; i < values.length; i++) {
    const level = table[codes[i]]
    products += values[i] * level
    squares += level * level
  }
  return squares === 0 ? 0 : products / squares
}
