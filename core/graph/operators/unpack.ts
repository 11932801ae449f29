import type { Tape, Value } from '../tape.js'

/** A quantized matrix in a graph: value = (code − zeroPoint) · scale. */
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
}

/**
 * code − zeroPoint as floats, in one piece for each code of a byte: 4-bit codes give those of even and of odd columns apart,
 * which saves interleaving them.
 *
 * @param after a value that has to be there first. Without it the runtime would unpack every matrix when it starts, since
 *   nothing else has to wait for that, and keep them all
 * @returns each of shape [rows, columns / blockSize, blockSize · bits / 8]
 */
export function centeredCodes(
  tape: Tape,
  { bits, codes, zeroPoints }: QuantizedValues,
  after: Value,
): Value[] {
  const middle = zeroPoints === null ? tape.float32(2 ** (bits - 1)) : forBlock(tape, zeroPoints)
  return separateCodes(tape, bits, codes, after).map((piece) =>
    tape.node('Sub', [tape.node('Cast', [piece], { to: 1 }), middle]),
  )
}

/** The values in the same pieces as `centeredCodes`, each of shape [rows, columns · bits / 8]. */
export function unpackedPieces(tape: Tape, matrix: QuantizedValues, after: Value): Value[] {
  const { rows, columns, bits, scales } = matrix
  return centeredCodes(tape, matrix, after).map((codes) => {
    const values = tape.node('Mul', [codes, forBlock(tape, scales)])
    return tape.node('Reshape', [values, tape.int64([rows, (columns * bits) / 8])])
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
