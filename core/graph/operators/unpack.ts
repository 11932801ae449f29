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
}

/**
 * The codes as floats, in one piece for each code of a byte: 4-bit codes give those of even and of odd columns apart, which
 * saves interleaving them.
 *
 * @returns each of shape [rows, columns / blockSize, blockSize · bits / 8]
 */
export function floatCodes(tape: Tape, { bits, codes }: QuantizedValues): Value[] {
  const float = (value: Value): Value => tape.node('Cast', [value], { to: 1 })
  if (bits === 8) return [float(codes)]
  const low = tape.node('BitwiseAnd', [codes, tape.uint8(15)])
  const high = tape.node('BitShift', [codes, tape.uint8(4)], { direction: 'RIGHT' })
  return [float(low), float(high)]
}

/** The values in the same pieces as `floatCodes`, each of shape [rows, columns · bits / 8]. */
export function unpackedPieces(tape: Tape, matrix: QuantizedValues): Value[] {
  const { rows, columns, bits, scales, zeroPoints } = matrix
  const byBlock = (value: Value): Value => tape.node('Unsqueeze', [value, tape.int64([-1])])
  const middle = zeroPoints === null ? tape.float32(2 ** (bits - 1)) : byBlock(zeroPoints)
  return floatCodes(tape, matrix).map((codes) => {
    const values = tape.node('Mul', [tape.node('Sub', [codes, middle]), byBlock(scales)])
    return tape.node('Reshape', [values, tape.int64([rows, (columns * bits) / 8])])
  })
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
