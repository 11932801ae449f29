import { putHalf } from '../../../quantization/encoders/block-encoder.js'
import { putFiveBits, putHalves } from '../../../quantization/encoders/small-blocks.js'
import { floatToHalf, halfToFloat } from '../../../quantization/half-float.js'
import { blockLength, type PackedLinear } from './packed-linear.js'
import type { PackedRun } from './unpack-run.js'

/** A column that values of Q5_0 are counted from: the code of 0. */
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
  const perWord = 32 / bits
  const mask = 2 ** bits - 1
  for (let word = 0; word < columns / perWord; word++) {
    const value = run.words[word * run.rows + row]
    for (let at = 0; at < perWord; at++) codes[word * perWord + at] = (value >>> (bits * at)) & mask
  }
  return codes
}

function writeBlocks(
  { type, columns, groupOf }: PackedLinear,
  run: PackedRun,
  row: number,
  codes: Uint8Array,
  bytes: Uint8Array,
): void {
  const blockBytes = bytes.byteLength / (columns / blockLength)
  for (let first = 0, start = 0; first < columns; first += blockLength, start += blockBytes) {
    const place = groupOf[first] * run.rows + row
    const block = codes.subarray(first, first + blockLength)
    putHalf(bytes, start, run.scales[place])
    if (type === 'Q4_0') putHalves(block, bytes, start + 2)
    else if (type === 'Q8_0') block.forEach((code, at) => (bytes[start + 2 + at] = code ^ 0x80))
    else {
      const shift = fiveBitMiddle - run.zeroPoints[place]
      putFiveBits(
        block.map((code) => code + shift),
        bytes,
        start + 2,
      )
    }
  }
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
