/** How much of a slope rows have in common, and by how much they differ. */
export interface SlopeSignal {
  readonly signal: number
  readonly noise: number
}

/**
 * Signal and noise of a gradient from slopes of single rows along random ±1 directions, K directions with R rows each:
 *
 * noise = mean over directions of s², the variance between rows, estimates tr Σ;
 * signal = mean over directions of d̄² − s² / R estimates ‖ḡ‖².
 *
 * Both are without bias, since E (ḡ·z)² = ‖ḡ‖² and E (g·z)² = ‖g‖² for independent signs z. So a signal may come out below 0.
 * A direction with a single row shows no noise.
 *
 * @param slopes of each direction, one for each of its rows
 */
export function slopeSignal(slopes: readonly (readonly number[])[]): SlopeSignal {
  const each = slopes.map((ofRows) => {
    const count = ofRows.length
    const mean = ofRows.reduce((sum, slope) => sum + slope, 0) / count
    const squares = ofRows.reduce((sum, slope) => sum + (slope - mean) ** 2, 0)
    const noise = count === 1 ? 0 : squares / (count - 1)
    return { signal: mean ** 2 - noise / count, noise }
  })
  const meanOf = (of: keyof SlopeSignal): number =>
    each.reduce((sum, direction) => sum + direction[of], 0) / each.length
  return { signal: meanOf('signal'), noise: meanOf('noise') }
}

/**
 * What a step of a fixed length gains along its direction, in units of its length: S / √(S + N), as a step's slope is divided
 * by the root mean square of slopes. None where no signal is left.
 */
export function stepGain({ signal, noise }: SlopeSignal): number {
  return signal <= 0 ? 0 : signal / Math.sqrt(signal + noise)
}
