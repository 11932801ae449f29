import type { SparseValues } from '../../../formats/sparse-values.js'
import { tableBlockHead } from '../../../formats/table-blocks.js'
import { readFloats } from '../../../quantization/read-floats.js'
import { EngineError } from '../../../schema/engine-error.js'
import type { RowOrder, StoredRows } from '../../unpacked-rows.js'
import type { NestedScales, TableLinear } from './table-linear.js'

/** The rows of a linear whose codes look a table up, as blocks of its type. */
export function tableRows({ rows, columns, blockLength, codes, scales, nested }: TableLinear): StoredRows {
  const blocks = columns / blockLength
  const codeBytes = blockLength / 2
  const blockBytes = tableBlockHead + codeBytes
  const readRun: StoredRows['readRun'] = (first, count) => {
    const bytes = codes.source.read(codes.offset + (first * columns) / 2, (count * columns) / 2)
    const ofRun = readScales(scales, nested, first * blocks, count * blocks)
    return (row, target) => {
      const view = new DataView(target.buffer, target.byteOffset, target.byteLength)
      for (let block = 0; block < blocks; block++) {
        const place = row * blocks + block
        const start = block * blockBytes
        view.setFloat32(start, ofRun[place], true)
        for (let at = 0; at < codeBytes; at++) {
          target[start + tableBlockHead + at] = swapNibbles(bytes[place * codeBytes + at])
        }
      }
    }
  }
  return { rows, rowBytes: blocks * blockBytes, readRun }
}

/** The first of two codes is in a byte's high nibble there, and in the low one here. */
export function swapNibbles(byte: number): number {
  return ((byte & 15) << 4) | (byte >> 4)
}

function readScales(
  { source, offset, dtype }: TableLinear['scales'],
  nested: NestedScales | null,
  first: number,
  count: number,
): Float32Array {
  const part = { name: 'scales', type: dtype, shape: [count] }
  if (nested === null) {
    return readFloats(source, { ...part, offset: offset + 4 * first, byteLength: 4 * count })
  }
  const { table, groupScales, groupLength } = nested
  const codes = source.read(offset + first, count)
  const [firstGroup, lastGroup] = [first, first + count - 1].map((scale) => Math.floor(scale / groupLength))
  const groups = lastGroup - firstGroup + 1
  const ofGroups = readFloats(groupScales.source, {
    name: groupScales.name,
    type: groupScales.dtype,
    shape: [groups],
    offset: groupScales.offset + 4 * firstGroup,
    byteLength: 4 * groups,
  })
  return Float32Array.from(codes, (code, i) => {
    const group = Math.floor((first + i) / groupLength) - firstGroup
    return Math.fround(table[code] * ofGroups[group]) + nested.offset
  })
}

/**
 * The outliers of a linear, in the order of its rows.
 *
 * @throws EngineError `model-malformed` for other types, or positions that do not ascend within the matrix
 */
export function tableOutliers(
  { rows, columns, outliers }: TableLinear,
  { rowBefore }: Pick<RowOrder, 'rowBefore'>,
): SparseValues | null {
  if (outliers === null) return null
  const { positions, values } = outliers
  const { source, offset, byteLength } = positions
  const stored = new Int32Array(byteLength / 4)
  if (positions.dtype === 'I32') source.readInto(offset, new Uint8Array(stored.buffer))
  const isAscending = stored.every((position, i) => position > (i === 0 ? -1 : stored[i - 1]))
  const isWithin = (stored.at(-1) ?? 0) < rows * columns
  if (positions.dtype !== 'I32' || values.byteLength !== 2 * stored.length || !isAscending || !isWithin) {
    const [path, where] = [source.path, `tensor '${positions.name}'`]
    const message = `'${path}': ${where}: expected as many ascending positions as bfloat16 values`
    throw new EngineError('model-malformed', { path, where }, message)
  }
  const read = readFloats(values.source, { ...values, type: 'BF16' })
  const rowAfter = new Int32Array(rows)
  for (let row = 0; row < rows; row++) rowAfter[rowBefore(row)] = row
  const moved = stored.map((position) => {
    const row = Math.floor(position / columns)
    return (rowAfter[row] - row) * columns + position
  })
  const order = Array.from(moved.keys()).toSorted((one, other) => moved[one] - moved[other])
  return {
    positions: Int32Array.from(order, (index) => moved[index]),
    values: Float32Array.from(order, (index) => read[index]),
  }
}
