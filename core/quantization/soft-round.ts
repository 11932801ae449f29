/** How rounding is differentiated: as if it were not there, or as a soft round of this sharpness > 0. */
export type RoundingSlope = 'straight-through' | { readonly sharpness: number }

/**
 * Slope of a rounding at `value`, for a backward pass; the forward pass rounds.
 *
 * The soft round rises from each whole number n to the next as an arctangent around the middle,
 *
 *   h(u) = n + ½ + atan(a r) / (2 atan(a / 2)),   r = u − n − ½
 *   h′(u) = a / (2 atan(a / 2) (1 + a² r²))
 *
 * steep where a little more or less changes the code, flat where it does not, and never zero. Its mean over a unit is 1, so
 * steps are as long as straight through; a → 0 is straight through, a → ∞ the staircase.
 *
 * Source: the arctangent soft round of LG-LSQ, Lin et al. 2022, arXiv:2202.09009, in the form that these three properties
 * fix; straight through: Bengio et al. 2013, arXiv:1308.3432.
 */
export function roundingSlope(value: number, slope: RoundingSlope): number {
  if (slope === 'straight-through') return 1
  const a = slope.sharpness
  const r = value - Math.floor(value) - 0.5
  return a / (2 * Math.atan(a / 2) * (1 + a * a * r * r))
}
