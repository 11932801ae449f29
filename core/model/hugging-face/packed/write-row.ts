import { putHalf } from '../../../quantization/encoders/block-encoder.js'
import { floatToHalf, halfToFloat } from '../../../quantization/half-float.js'
import { blockLength, type PackedLinear } from './packed-linear.js'
import type { PackedRun } from './unpack-run.js'

/** The 5-bit code of 0. */
const fiveBitMiddle = 16

/** Bytes of a row in the type that it is given. */
export function rowBytesOf({ type, columns }: Pick<PackedLinear, 'type' | 'columns'>): number {
  const blockBytes = { Q4_0: 18, Q5_0: 22, Q8_0: 34, F16: 2 * blockLength }[type]
  return (columns / blockLength) * blockBytes
}

/** Writes a row of a run to `bytes`, in GGUF's layout of the linear's type. */
export function writeRow(linear: PackedLinear, run: PackedRun, row: number, bytes: Uint8Array): void {
  const codes = codesOf(linear, run, row)
  if (linear.type === 'F16') writeHalves(linear, run, row, codes, bytes)
  else writeBlocks(linear, run, row, codes, bytes)
}

function codesOf({ packing: { bits }, columns }: PackedLinear, run: PackedRun, row: number): Uint8Array {
  const codes = new Uint8Array(columns)
  const wordCount = (columns * bits) >> 5
  const first = row * wordCount
  for (let word = 0, column = 0; word < wordCount; word++) {
    const value = run.words[first + word] | 0
    if (bits === 4) {
      for (let shift = 0; shift < 32; shift += 4) codes[column++] = (value >> shift) & 15
    } else {
      for (let shift = 0; shift < 32; shift += 8) codes[column++] = (value >> shift) & 255
    }
  }
  return codes
}

function writeBlocks(
  { type, columns, groupOf }: PackedLinear,
  { rows, scales, zeroPoints }: PackedRun,
  row: number,
  codes: Uint8Array,
  bytes: Uint8Array,
): void {
  const blockBytes = bytes.byteLength / (columns / blockLength)
  for (let first = 0, start = 0; first < columns; first += blockLength, start += blockBytes) {
    const place = groupOf[first] * rows + row
    putHalf(bytes, start, scales[place])
    if (type === 'Q5_0') writeFiveBits(codes, first, fiveBitMiddle - zeroPoints[place], bytes, start + 2)
    else if (type === 'Q4_0') writeNibbles(codes, first, bytes, start + 2)
    else for (let at = 0; at < blockLength; at++) bytes[start + 2 + at] = codes[first + at] ^ 0x80
  }
}

/** Byte j holds codes j and j + 16. */
function writeNibbles(codes: Uint8Array, first: number, bytes: Uint8Array, start: number): void {
  for (let at = 0; at < 16; at++) bytes[start + at] = codes[first + at] | (codes[first + 16 + at] << 4)
}

/** 32 fifth bits, then the low nibbles, of codes + `shift`. */
function writeFiveBits(
  codes: Uint8Array,
  first: number,
  shift: number,
  bytes: Uint8Array,
  start: number,
): void {
  let [lowBits, highBits] = [0, 0]
  for (let at = 0; at < 16; at++) {
    const [low, high] = [codes[first + at] + shift, codes[first + 16 + at] + shift]
    bytes[start + 4 + at] = (low & 15) | ((high & 15) << 4)
    lowBits |= (low >> 4) << at
    highBits |= (high >> 4) << at
  }
  putHalf(bytes, start, lowBits)
  putHalf(bytes, start + 2, highBits)
}

function writeHalves(
  { columns, groupOf }: PackedLinear,
  run: PackedRun,
  row: number,
  codes: Uint8Array,
  bytes: Uint8Array,
): void {
  for (let column = 0; column < columns; column++) {
    const place = groupOf[column] * run.rows + row
    const value = (codes[column] - run.zeroPoints[place]) * halfToFloat(run.scales[place])
    putHalf(bytes, 2 * column, floatToHalf(value))
  }
}
