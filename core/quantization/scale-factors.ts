/** Factors on the stored scales of one linear, shape [rows] or [rows, blocks]. */
export interface ScaleFactors {
  readonly shape: 'rows' | 'blocks'
  readonly values: Float64Array
}
