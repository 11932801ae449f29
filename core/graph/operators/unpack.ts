import { elementTypes, type Tape, type Value } from '../tape.js'

/** What codes stand for where they are no steps of a scale. */
export interface CodeLookup {
  /** Of each of 16 codes. */
  readonly levels: Float32Array
  /** What stands in place of some levels: int32 indices among all codes of the matrix, and as many values. Null for none. */
  readonly outliers: { readonly positions: Value; readonly values: Value } | null
}

/** A quantized matrix in a graph: value = (code − zeroPoint) · scale, or level · scale. */
export interface QuantizedValues {
  readonly rows: number
  readonly columns: number
  readonly bits: 4 | 8
  readonly blockSize: number
  /** uint8, shape [rows, columns / blockSize, blockSize · bits / 8]; two 4-bit codes a byte, low nibble first. */
  readonly codes: Value
  /** Shape [rows, columns / blockSize]. */
  readonly scales: Value
  /** Shape [rows, columns / blockSize]; null where every zero point is 2^(bits − 1). */
  readonly zeroPoints: Value | null
  /** The values as floats, shape [rows, columns], where they are given beside the codes. */
  readonly values: Value | null
  /** Absent where codes are steps of a scale. */
  readonly lookup?: CodeLookup
}

/**
 * code − zeroPoint as floats, in one piece for each code of a byte: 4-bit codes give those of even and of odd columns apart,
 * which saves interleaving them. Codes that are looked up give their levels in one piece, in order.
 *
 * @param after a value that has to be there first. Without it the runtime would unpack every matrix when it starts, since
 *   nothing else has to wait for that, and keep them all
 * @returns each of shape [rows, columns / blockSize, blockSize / pieces]
 */
export function centeredCodes(tape: Tape, matrix: QuantizedValues, after: Value): Value[] {
  const { bits, codes, zeroPoints, lookup } = matrix
  if (lookup !== undefined) return [levelsOfCodes(tape, matrix, lookup, after)]
  const middle = zeroPoints === null ? tape.float32(2 ** (bits - 1)) : forBlock(tape, zeroPoints)
  return separateCodes(tape, bits, codes, after).map((piece) =>
    tape.node('Sub', [tape.node('Cast', [piece], { to: 1 }), middle]),
  )
}

/**
 * The level of every code, by one lookup for the two codes of a byte: a table of 256 bytes has both. Outliers then take their
 * places.
 *
 * @returns shape [rows, columns / blockSize, blockSize]
 */
function levelsOfCodes(
  tape: Tape,
  { rows, columns, blockSize, codes }: QuantizedValues,
  { levels, outliers }: CodeLookup,
  after: Value,
): Value {
  const [bytes] = separateCodes(tape, 8, codes, after)
  const index = tape.node('Cast', [bytes], { to: elementTypes.int32 })
  const found = tape.node('Gather', [pairsOf(tape, levels), index])
  const byBlock = tape.int64([rows, columns / blockSize, blockSize])
  if (outliers === null) return tape.node('Reshape', [found, byBlock])
  const flat = tape.node('Reshape', [found, tape.int64([-1])])
  const placed = tape.node('ScatterElements', [flat, outliers.positions, outliers.values])
  return tape.node('Reshape', [placed, byBlock])
}

/** The levels of a byte's low and high nibble, shape [256, 2]. */
function pairsOf(tape: Tape, levels: Float32Array): Value {
  const pairs = Array.from({ length: 256 }, (_, byte) => [levels[byte & 15], levels[byte >> 4]])
  return tape.floats(pairs.flat(), [256, 2])
}

/** The values in the same pieces as `centeredCodes`, each of shape [rows, columns / pieces]. */
export function unpackedPieces(tape: Tape, matrix: QuantizedValues, after: Value): Value[] {
  const { rows, columns, scales } = matrix
  return centeredCodes(tape, matrix, after).map((codes, _, pieces) => {
    const values = tape.node('Mul', [codes, forBlock(tape, scales)])
    return tape.node('Reshape', [values, tape.int64([rows, columns / pieces.length])])
  })
}

/** Low and high nibbles apart, or whole bytes, as uint8. */
function separateCodes(tape: Tape, bits: 4 | 8, codes: Value, after: Value): Value[] {
  if (bits === 8) return [tape.node('BitwiseAnd', [codes, byteAfter(tape, 255, after)])]
  const low = tape.node('BitwiseAnd', [codes, byteAfter(tape, 15, after)])
  const high = tape.node('BitShift', [codes, byteAfter(tape, 4, after)], { direction: 'RIGHT' })
  return [low, high]
}

/** A byte, shape [1], that is known when `after` is: a length minus itself, plus `value`. */
function byteAfter(tape: Tape, value: number, after: Value): Value {
  const length = tape.node('Shape', [after], { start: 0, end: 1 })
  const sum = tape.node('Add', [tape.node('Sub', [length, length]), tape.int64([value])])
  return tape.node('Cast', [sum], { to: 2 })
}

/** A number for each block in the shape that multiplies all codes of the block. */
function forBlock(tape: Tape, value: Value): Value {
  return tape.node('Unsqueeze', [value, tape.int64([-1])])
}

/**
 * The columns of several pieces in turn: the inverse of taking every n-th column.
 *
 * @param pieces each of shape [batch, sequence, columns / n]
 * @returns shape [batch, sequence, columns]
 */
export function interleaved(tape: Tape, pieces: readonly Value[], columns: number): Value {
  if (pieces.length === 1) return pieces[0]
  const stacked = pieces.map((piece) => tape.node('Unsqueeze', [piece, tape.int64([-1])]))
  const paired = tape.node('Concat', stacked, { axis: -1 })
  return tape.node('Reshape', [paired, tape.int64([0, 0, columns])])
}
