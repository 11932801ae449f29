/**
 * How far from 0, in standard deviations of its block, a weight is an outlier: F⁻¹(q), where F(x) = (2 Φ(x) − 1)^I is the
 * distribution of the largest magnitude among I standard normals. So a share 1 − q of the blocks of normal weights has outliers.
 *
 * Source: OPQ, arXiv:2505.06653, section 4.
 *
 * @param quantile q, in (0, 1)
 */
export function outlierThreshold(blockLength: number, quantile: number): number {
  return normalQuantile((1 + quantile ** (1 / blockLength)) / 2)
}

/** Φ⁻¹(p) for ½ ≤ p < 1, by Newton's steps: Φ is concave there, so they come from below and never pass it. */
function normalQuantile(p: number): number {
  let x = 0
  for (let step = Infinity; step > 1e-12; x += step) {
    step = (p - normalCdf(x)) / normalDensity(x)
  }
  return x
}

/**
 * Φ(x) = ½ + φ(x) · (x + x³/3 + x⁵/(3·5) + …).
 *
 * Source: Marsaglia 2004, Evaluating the Normal Distribution.
 */
function normalCdf(x: number): number {
  let [sum, term] = [0, x]
  for (let k = 1; sum + term !== sum; k += 2) {
    sum += term
    term *= (x * x) / (k + 2)
  }
  return 0.5 + normalDensity(x) * sum
}

function normalDensity(x: number): number {
  return Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)
}
