/**
 * The table whose codes lose least, in mean squared error of the weights themselves, of blocks of `blockLength` standard normals
 * that are divided by their largest magnitude m, or by the value that has it: Lloyd's alternation of nearest levels and
 * centroids, on the density of the divided values where each counts m² times,
 *
 *   g(x) ∝ ∫ (2 Φ(m) − 1)^(I − 2) φ(m) φ(x m) m³ dm,   |x| < 1
 *
 * Source: BOF4, arXiv:2505.06653, section 3, in integrals in place of samples.
 *
 * @param fixed levels that stay: −1, 0 and 1, or 0 and 1 where the sign of the furthest value is divided out
 */
export function optimalTable(blockLength: number, fixed: readonly number[]): number[] {
  const density = weightedDensity(blockLength)
  const mass = cumulated(density)
  const moment = cumulated(density.map((value, i) => value * placeOf(i)))
  let levels = Array.from({ length: 16 }, (_, code) => (code - 7) / 8)
  if (fixed.includes(-1)) levels[0] = -1
  for (let largestStep = Infinity; largestStep > 1e-10;) {
    const ends = [-1, ...levels.slice(1).map((level, i) => (level + levels[i]) / 2), 1]
    const next = levels.map((level, code) => {
      if (fixed.includes(level)) return level
      const between = (of: Float64Array): number => at(of, ends[code + 1]) - at(of, ends[code])
      return between(moment) / between(mass)
    })
    largestStep = Math.max(...next.map((level, code) => Math.abs(level - levels[code])))
    levels = next
  }
  return levels
}

/** Intervals of [−1, 1]. */
const count = 8192

function placeOf(index: number): number {
  return (2 * index) / count - 1
}

function weightedDensity(blockLength: number): Float64Array {
  const step = 1 / 64
  const magnitudes = Array.from({ length: 8 / step }, (_, i) => (i + 1) * step)
  const weights = magnitudes.map(
    (m) => insideShare(m, step) ** (blockLength - 2) * Math.exp((-m * m) / 2) * m ** 3,
  )
  return Float64Array.from({ length: count + 1 }, (_, i) =>
    magnitudes.reduce((sum, m, k) => sum + weights[k] * Math.exp(-((placeOf(i) * m) ** 2) / 2), 0),
  )
}

/** 2 Φ(m) − 1, by Simpson's rule. */
function insideShare(m: number, step: number): number {
  const intervals = 2 * Math.ceil(m / step)
  const width = m / intervals
  let sum = 0
  for (let i = 0; i <= intervals; i++) {
    const weight = i === 0 || i === intervals ? 1 : i % 2 === 1 ? 4 : 2
    sum += weight * Math.exp(-((i * width) ** 2) / 2)
  }
  return (2 / Math.sqrt(2 * Math.PI)) * ((sum * width) / 3)
}

/** Integral from −1 to each place. */
function cumulated(values: Float64Array): Float64Array {
  const sums = new Float64Array(values.length)
  for (let i = 1; i < values.length; i++) sums[i] = sums[i - 1] + (values[i - 1] + values[i]) / count
  return sums
}

/** Between places, by a straight line. */
function at(sums: Float64Array, x: number): number {
  const place = ((x + 1) * count) / 2
  const index = Math.min(count - 1, Math.floor(place))
  return sums[index] + (place - index) * (sums[index + 1] - sums[index])
}
