import type { PlacedTensor } from '../../../formats/safetensors/open-safetensors.js'
import { floatToHalf } from '../../../quantization/half-float.js'
import { readFloats } from '../../../quantization/read-floats.js'
import type { PackedLinear } from './packed-linear.js'

/** Rows of a packed linear, side by side. */
export interface PackedRun {
  readonly rows: number
  /** Words of neighbouring columns, the first in the lowest bits, shape [rows, columns · bits / 32]. */
  readonly words: Uint32Array
  /** Shape [groups, rows]. */
  readonly zeroPoints: Uint8Array
  /** Half floats, shape [groups, rows]. */
  readonly scales: Uint16Array
}

/** The place of each of eight neighbouring rows in AWQ's words, in nibbles. Source: AutoAWQ, AWQ_REVERSE_ORDER. */
const awqPlaces = [0, 4, 1, 5, 2, 6, 3, 7] as const

/**
 * Reads rows `first` … `first + rows` − 1.
 *
 * @param first and `rows`: multiples of 8
 * @throws EngineError `file-unreadable`
 */
export function readRun(linear: PackedLinear, first: number, rows: number): PackedRun {
  const { packing, zeros, scales } = linear
  const perWord = 32 / packing.bits
  const zeroWords = readColumns(zeros, first / perWord, rows / perWord, 4)
  const byColumns =
    packing.method === 'gptq'
      ? new Uint32Array(readColumns(linear.codes, first, rows, 4))
      : awqWords(linear, first, rows)
  return {
    rows,
    words: transposed(byColumns, linear.columns / perWord, rows),
    zeroPoints: zeroPointsOf(linear, new Uint32Array(zeroWords), rows),
    scales: halvesOf(scales, first, rows),
  }
}

/** Rows and columns of words that fit the processor's cache. */
const tile = 16

/** A matrix [rows, columns] as [columns, rows]. */
function transposed(words: Uint32Array, rows: number, columns: number): Uint32Array {
  const target = new Uint32Array(words.length)
  for (let firstColumn = 0; firstColumn < columns; firstColumn += tile) {
    const endColumn = Math.min(columns, firstColumn + tile)
    for (let firstRow = 0; firstRow < rows; firstRow += tile) {
      const endRow = Math.min(rows, firstRow + tile)
      for (let column = firstColumn; column < endColumn; column++) {
        for (let row = firstRow; row < endRow; row++)
          target[column * rows + row] = words[row * columns + column]
      }
    }
  }
  return target
}

/** Columns `first` … of a matrix in a file, row by row. */
function readColumns(
  { source, offset, shape }: PlacedTensor,
  first: number,
  count: number,
  elementBytes: number,
): ArrayBuffer {
  const [rows, columns] = shape
  const bytes = new Uint8Array(rows * count * elementBytes)
  for (let row = 0; row < rows; row++) {
    const target = bytes.subarray(row * count * elementBytes, (row + 1) * count * elementBytes)
    source.readInto(offset + (row * columns + first) * elementBytes, target)
  }
  return bytes.buffer
}

/** AWQ's words, one for eight rows of a column, as those of eight columns of a row, shape [columns / 8, rows]. */
function awqWords({ codes, columns }: PackedLinear, first: number, rows: number): Uint32Array {
  const packed = new Uint32Array(readColumns(codes, first / 8, rows / 8, 4))
  const words = new Uint32Array((columns / 8) * rows)
  for (let column = 0; column < columns; column++) {
    const start = (column >> 3) * rows
    const shift = 4 * (column & 7)
    for (let word = 0; word < rows / 8; word++) {
      const value = packed[(column * rows) / 8 + word] | 0
      for (let row = 0; row < 8; row++) {
        words[start + 8 * word + row] |= ((value >> (4 * awqPlaces[row])) & 15) << shift
      }
    }
  }
  return words
}

/** A stored zero point and its offset stay within the bits of a code. */
function zeroPointsOf({ packing, groupCount }: PackedLinear, words: Uint32Array, rows: number): Uint8Array {
  const { bits, method, zeroOffset } = packing
  const perWord = 32 / bits
  const mask = 2 ** bits - 1
  const zeroPoints = new Uint8Array(groupCount * rows)
  for (let at = 0; at < zeroPoints.length; at++) {
    const within = at % perWord
    const place = method === 'awq' ? awqPlaces[within] : within
    zeroPoints[at] = ((words[Math.floor(at / perWord)] >>> (bits * place)) + zeroOffset) & mask
  }
  return zeroPoints
}

function halvesOf(scales: PlacedTensor, first: number, rows: number): Uint16Array {
  if (scales.dtype === 'F16') return new Uint16Array(readColumns(scales, first, rows, 2))
  const [groups, columns] = scales.shape
  const bytes = scales.byteLength / (groups * columns)
  const halves = new Uint16Array(groups * rows)
  for (let group = 0; group < groups; group++) {
    const offset = scales.offset + (group * columns + first) * bytes
    const part = { ...scales, type: scales.dtype, shape: [rows], offset, byteLength: rows * bytes }
    halves.set(readFloats(scales.source, part).map(floatToHalf), group * rows)
  }
  return halves
}
