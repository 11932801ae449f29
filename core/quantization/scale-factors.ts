/** Factors on the stored scales of one linear, shape [rows] or [rows, blocks]. */
export interface ScaleFactors {
  readonly shape: 'rows' | 'blocks'
  readonly values: Float64Array
}

/** The factors that have the effect of both, one after the other. */
export function multiplyFactors(one: ScaleFactors, other: ScaleFactors): ScaleFactors {
  const [few, many] = one.values.length <= other.values.length ? [one, other] : [other, one]
  const shared = many.values.length / few.values.length
  const values = many.values.map((factor, index) => factor * few.values[Math.floor(index / shared)])
  return { shape: many.shape, values }
}
