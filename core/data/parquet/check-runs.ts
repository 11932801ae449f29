import { deltaBinaryUnpack } from 'hyparquet/src/delta.js'

/** A place in bytes, moved by what is read. */
export interface Cursor {
  readonly bytes: Uint8Array
  at: number
}

/** Groups of eight that a bit-packed run may have beyond what is needed: some writers fill up their last run. */
const spareGroups = 64
const mostMiniblocks = 1024
/** Bytes that strings of one page may take when their shared starts are written out. */
const largestStrings = 256 * 1024 * 1024

/**
 * Follows runs of the hybrid of run lengths and bit packing without keeping a value, so that no run is longer than the page has
 * values: the library writes out a run of any length. Returns how many values are `counted`.
 *
 * Source: Apache Parquet format 2.11, Encodings, RLE = 3.
 *
 * @param count values of the page
 * @throws Error for a run that is too long, or ends beyond the page
 */
export function checkRuns(cursor: Cursor, width: number, count: number, counted = -1): number {
  let seen = 0
  let found = 0
  while (seen < count) {
    const header = readVarInt(cursor)
    if ((header & 1) === 0) {
      const run = header >>> 1
      if (run === 0 || seen + run > count) throw new Error(`a run of ${run} values among ${count}`)
      const value = readBits(cursor, 0, 8 * Math.ceil(width / 8))
      cursor.at += Math.ceil(width / 8)
      if (value === counted) found += run
      seen += run
    } else {
      const groups = header >>> 1
      const needed = Math.ceil((count - seen) / 8)
      if (groups === 0 || groups > needed + spareGroups) {
        throw new Error(`${groups} groups of values where ${needed} are needed`)
      }
      const inRun = Math.min(8 * groups, count - seen)
      if (counted >= 0) {
        for (let each = 0; each < inRun; each++)
          if (readBits(cursor, each * width, width) === counted) found++
      }
      cursor.at += groups * width
      seen += inRun
    }
  }
  return found
}

/**
 * Checks the head of differences packed in blocks, and of strings the lengths of the starts that they share.
 *
 * Source: Apache Parquet format 2.11, Encodings, DELTA_BINARY_PACKED = 5, DELTA_BYTE_ARRAY = 7.
 *
 * @param count values of the page that are not null
 * @throws Error for blocks that cannot be, or strings that take too much
 */
export function checkDeltas(cursor: Cursor, count: number, hasPrefixes: boolean): void {
  const head = { ...cursor }
  const [blockSize, miniblocks, total] = [readVarInt(head), readVarInt(head), readVarInt(head)]
  const isBlock = miniblocks >= 1 && miniblocks <= mostMiniblocks && blockSize % (8 * miniblocks) === 0
  if (!isBlock || blockSize < 1 || total !== count) {
    throw new Error(
      `${total} differences in blocks of ${blockSize} in ${miniblocks} where ${count} are needed`,
    )
  }
  if (!hasPrefixes) return
  const { bytes, at } = cursor
  const prefixes = new Int32Array(count)
  deltaBinaryUnpack(
    { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: at },
    count,
    prefixes,
  )
  const sum = prefixes.reduce((total, length) => (length < 0 ? Infinity : total + length), 0)
  if (sum > largestStrings) throw new Error(`strings of ${sum} bytes; the limit is ${largestStrings}`)
}

/** Unsigned LEB128 of at most 32 bits. */
export function readVarInt(cursor: Cursor): number {
  let value = 0
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = byteAt(cursor, cursor.at++)
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return value >>> 0
  }
  throw new Error('a number of more than 32 bits')
}

/** Bits from `start` after the cursor on, least significant first. */
function readBits(cursor: Cursor, start: number, width: number): number {
  let value = 0
  for (let bit = 0; bit < width; bit++) {
    const at = start + bit
    value |= ((byteAt(cursor, cursor.at + (at >> 3)) >> (at & 7)) & 1) << bit
  }
  return value
}

function byteAt({ bytes }: Cursor, at: number): number {
  if (at >= bytes.length) throw new Error('values beyond the end of the page')
  return bytes[at]
}
