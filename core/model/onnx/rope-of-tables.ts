/** Cosines and sines of positions 0, 1, 2, …, each of shape [positions, pairs]. */
export interface RopeTables {
  readonly cosines: Float32Array
  readonly sines: Float32Array
  readonly positions: number
  readonly pairs: number
}

/** How tables rotate: the angle of pair i at position p is p · frequencies[i]. */
export interface RotationOfTables {
  /** Shape [pairs]. */
  readonly frequencies: Float64Array
  /** Multiplies cosines and sines. */
  readonly magnitude: number
}

/** Angles are products of float32 at most, so those of far positions are off by so many of their last bits. */
const angleError = 2 ** -22

/**
 * The rotation that tables were made of; null where no one rotation gives them.
 *
 * The angle of position 1 is found as it is. Each angle of position 2, 4, 8, … is then known to less than half a turn, and gives the
 * frequency with half the error.
 */
export function rotationOfTables(tables: RopeTables): RotationOfTables | null {
  const { cosines, sines, positions, pairs } = tables
  if (positions < 2 || pairs < 1) return null
  const magnitude = Math.hypot(cosines[pairs], sines[pairs])
  const frequencies = new Float64Array(pairs)
  for (let pair = 0; pair < pairs; pair++) {
    let frequency = Math.atan2(sines[pairs + pair], cosines[pairs + pair])
    for (let position = 2; position < positions; position *= 2) {
      const at = position * pairs + pair
      const angle = Math.atan2(sines[at], cosines[at])
      const turns = Math.round((frequency * position - angle) / (2 * Math.PI))
      frequency = (angle + 2 * Math.PI * turns) / position
    }
    if (!isRotation(tables, pair, frequency, magnitude)) return null
    frequencies[pair] = frequency
  }
  return { frequencies, magnitude }
}

/** Whether a few of the positions have the cosines and sines of a frequency. */
function isRotation(
  { cosines, sines, positions, pairs }: RopeTables,
  pair: number,
  frequency: number,
  magnitude: number,
): boolean {
  if (!(frequency > 0) || !(magnitude > 0)) return false
  const checked = [0, 1, Math.floor(positions / 3), Math.floor((2 * positions) / 3), positions - 1]
  return checked.every((position) => {
    const angle = position * frequency
    const at = position * pairs + pair
    const difference = Math.hypot(
      cosines[at] - magnitude * Math.cos(angle),
      sines[at] - magnitude * Math.sin(angle),
    )
    return difference <= magnitude * (1e-5 + angleError * angle)
  })
}

/**
 * The base b whose frequencies b^(−2i / dimensions) are those of tables, as a number of few digits where one of these is as near; null
 * where there is none.
 */
export function baseOfFrequencies(frequencies: Float64Array, positions: number): number | null {
  const dimensions = 2 * frequencies.length
  const last = frequencies.length - 1
  if (last === 0) return Math.abs(frequencies[0] - 1) < 1e-6 ? 10_000 : null
  const exact = frequencies[last] ** (-dimensions / (2 * last))
  if (!Number.isFinite(exact)) return null
  const rounded = [1, 2, 3, 4, 5, 6, 7].map((digits) => Number(exact.toPrecision(digits)))
  // Tables hold angles to 24 bits, so that short ones say little of the slowest pairs.
  const isSame = (frequency: number, wanted: number): boolean =>
    Math.abs(frequency - wanted) <= angleError * frequency + 1e-6 / positions
  return (
    [...rounded, exact].find((base) =>
      frequencies.every((frequency, pair) => isSame(frequency, base ** ((-2 * pair) / dimensions))),
    ) ?? null
  )
}
