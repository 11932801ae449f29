import { integerBlockHead } from '../../formats/integer-blocks.js'
import type { StoredRows } from '../unpacked-rows.js'
import {
  hasZeroPoints,
  middleOf,
  type BlockMatrix,
  type FloatMatrix,
  type StoredMatrix,
} from './stored-matrix.js'
import { floatBytes, readCodeRows, readFloatRows, readRawRows, type Grid } from './stored-numbers.js'

/** Rows `first` … `first` + `rows` − 1 of a matrix, as they are read: integer blocks, or floats of the file's type. */
export function storedRows(matrix: StoredMatrix, first: number, rows: number): StoredRows {
  return matrix.kind === 'floats' ? floatRows(matrix, first, rows) : blockRows(matrix, first, rows)
}

function floatRows({ tensor, ...grid }: FloatMatrix, start: number, rows: number): StoredRows {
  const bytes = floatBytes(tensor)
  const rowBytes = grid.columns * bytes
  return {
    rows,
    rowBytes,
    readRun: (first, count) => {
      const run = readRawRows(tensor, bytes, grid, start + first, count)
      return (row, target) => target.set(run.subarray(row * rowBytes, (row + 1) * rowBytes))
    },
  }
}

function blockRows(matrix: BlockMatrix, start: number, rows: number): StoredRows {
  const { columns, bits, blockLength } = matrix
  const blocks = columns / blockLength
  const codeBytes = (blockLength * bits) / 8
  const givesZeroPoints = hasZeroPoints(matrix)
  const head = integerBlockHead({ hasZeroPoints: givesZeroPoints })
  const readRun: StoredRows['readRun'] = (first, count) => {
    const codes = readPackedCodes(matrix, start + first, count)
    const scales = readFloatRows(matrix.scales, gridOfBlocks(matrix), start + first, count)
    const zeroPoints = givesZeroPoints ? readZeroPoints(matrix, scales, start + first, count) : null
    return (row, target) => {
      const view = new DataView(target.buffer, target.byteOffset, target.byteLength)
      for (let block = 0, at = 0; block < blocks; block++, at += head + codeBytes) {
        const place = row * blocks + block
        view.setFloat32(at, scales[place], true)
        if (zeroPoints !== null) view.setFloat32(at + 4, zeroPoints[place], true)
        target.set(codes.subarray(place * codeBytes, (place + 1) * codeBytes), at + head)
      }
    }
  }
  return { rows, rowBytes: blocks * (head + codeBytes), readRun }
}

/** How scales and zero points lie. */
export function gridOfBlocks({ rows, columns, blockLength, isTransposed }: BlockMatrix): Grid {
  return { rows, columns: columns / blockLength, isTransposed }
}

/** Codes of rows, packed with neighbours together; signed ones with the middle added, which flips their highest bit. */
function readPackedCodes(matrix: BlockMatrix, first: number, count: number): Uint8Array {
  const { codes, bits, columns, isSigned, isTransposed } = matrix
  const packed = isTransposed
    ? packRows(readCodeRows(codes, { bits, isPadded: false }, matrix, first, count), bits)
    : codes.source.read(codes.offset + (first * columns * bits) / 8, (count * columns * bits) / 8)
  if (!isSigned) return packed
  const flip = bits === 4 ? 0x88 : 0x80
  return packed.map((byte) => byte ^ flip)
}

function packRows(codes: Uint8Array, bits: 4 | 8): Uint8Array {
  if (bits === 8) return codes
  return Uint8Array.from(
    { length: codes.length / 2 },
    (_, pair) => codes[2 * pair] | (codes[2 * pair + 1] << 4),
  )
}

/** Shape [count, blocks]. */
function readZeroPoints(
  matrix: BlockMatrix,
  scales: Float32Array,
  first: number,
  count: number,
): Float32Array {
  const { zeroPoints, bits, isSigned } = matrix
  const grid = gridOfBlocks(matrix)
  const middle = middleOf(matrix)
  switch (zeroPoints.kind) {
    case 'same':
      return new Float32Array(count * grid.columns).fill(zeroPoints.value)
    case 'floats':
      return readFloatRows(zeroPoints.tensor, grid, first, count)
    case 'offsets': {
      const offsets = readFloatRows(zeroPoints.tensor, grid, first, count)
      return offsets.map((offset, block) => (scales[block] === 0 ? middle : middle - offset / scales[block]))
    }
    case 'codes': {
      const found = readCodeRows(zeroPoints.tensor, { bits, ...zeroPoints }, grid, first, count)
      return Float32Array.from(found, (code) => (isSigned ? code ^ middle : code))
    }
  }
}
