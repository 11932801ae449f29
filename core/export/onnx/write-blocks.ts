import type { PlacedOnnxTensor } from '../../formats/onnx/open-onnx.js'
import { middleOf, type BlockMatrix } from '../../model/onnx/stored-matrix.js'
import { gridOfBlocks } from '../../model/onnx/stored-rows.js'
import { floatFormatOf, type EncodedTensor } from '../../quantization/encode-rows.js'
import { relativeError, unrepresentable } from '../../quantization/stored-number.js'
import type { ChangedBlock } from './changed-blocks.js'

/** The new data of one of a matrix' tensors. */
export interface NewData extends EncodedTensor {
  readonly tensor: PlacedOnnxTensor
}

/**
 * The data of a matrix' tensors with some blocks changed.
 *
 * @throws EngineError `value-unrepresentable` for a number that its tensor has no room for, `file-unreadable`
 */
export function writeBlocks(matrix: BlockMatrix, changed: readonly ChangedBlock[]): NewData[] {
  const { zeroPoints, scales } = matrix
  const written = [writeFloats(matrix, scales, changed, ({ scale }) => scale), writeCodes(matrix, changed)]
  const middle = middleOf(matrix)
  switch (zeroPoints.kind) {
    case 'same':
      requireSameZeroPoint(matrix, zeroPoints.value, changed)
      break
    case 'codes':
      written.push(writeZeroPoints(matrix, zeroPoints, changed))
      break
    case 'floats':
      written.push(writeFloats(matrix, zeroPoints.tensor, changed, ({ zeroPoint }) => zeroPoint ?? middle))
      break
    case 'offsets':
      written.push(
        writeFloats(
          matrix,
          zeroPoints.tensor,
          changed,
          ({ zeroPoint, scale }) => (middle - (zeroPoint ?? middle)) * scale,
        ),
      )
  }
  return written
}

function writeFloats(
  matrix: BlockMatrix,
  tensor: PlacedOnnxTensor,
  changed: readonly ChangedBlock[],
  valueOf: (block: ChangedBlock) => number,
): NewData {
  const bytes = dataOf(tensor)
  const outline = { ...tensor, type: tensor.dtype }
  const format = floatFormatOf(outline)
  const view = new DataView(bytes.buffer)
  let roundingError = 0
  for (const block of changed) {
    const value = valueOf(block)
    const position = elementOf(matrix, block) * format.byteLength
    if (!format.write(view, position, value)) throw unrepresentable(outline, block.row, value)
    roundingError = Math.max(roundingError, relativeError(format.read(view, position), value))
  }
  return { tensor, bytes, roundingError }
}

function writeZeroPoints(
  matrix: BlockMatrix,
  { tensor, isPadded }: BlockMatrix['zeroPoints'] & { readonly kind: 'codes' },
  changed: readonly ChangedBlock[],
): NewData {
  const { bits, isSigned } = matrix
  const { columns: blocks, isTransposed } = gridOfBlocks(matrix)
  const perByte = 8 / bits
  const bytes = dataOf(tensor)
  for (const block of changed) {
    const point = block.zeroPoint ?? middleOf(matrix)
    if (!Number.isInteger(point) || point < 0 || point >= 2 ** bits) {
      throw unrepresentable({ ...tensor, type: tensor.dtype }, block.row, point)
    }
    const padded = isPadded ? Math.ceil(blocks / perByte) * perByte : blocks
    const element = isTransposed ? elementOf(matrix, block) : block.row * padded + block.block
    writeCode(bytes, element, isSigned ? point ^ middleOf(matrix) : point, bits)
  }
  return { tensor, bytes, roundingError: 0 }
}

function writeCodes(matrix: BlockMatrix, changed: readonly ChangedBlock[]): NewData {
  const { codes: tensor, rows, columns, bits, blockLength, isSigned, isTransposed } = matrix
  const bytes = dataOf(tensor)
  for (const { row, block, codes } of changed) {
    for (let at = 0; at < blockLength; at++) {
      const code = bits === 8 ? codes[at] : (codes[at >> 1] >> (4 * (at & 1))) & 15
      const column = block * blockLength + at
      const element = isTransposed ? column * rows + row : row * columns + column
      writeCode(bytes, element, isSigned ? code ^ middleOf(matrix) : code, bits)
    }
  }
  return { tensor, bytes, roundingError: 0 }
}

function writeCode(bytes: Uint8Array, element: number, code: number, bits: 4 | 8): void {
  if (bits === 8) bytes[element] = code
  else {
    const shift = 4 * (element & 1)
    bytes[element >> 1] = (bytes[element >> 1] & (0xf0 >> shift)) | (code << shift)
  }
}

function requireSameZeroPoint(
  { scales }: BlockMatrix,
  value: number,
  changed: readonly ChangedBlock[],
): void {
  const other = changed.find(({ zeroPoint }) => zeroPoint !== null && zeroPoint !== value)
  if (other === undefined) return
  throw unrepresentable({ ...scales, type: scales.dtype }, other.row, other.zeroPoint ?? value)
}

/** Where the scale of a block is in its tensor. */
function elementOf(matrix: BlockMatrix, { row, block }: ChangedBlock): number {
  const { rows, columns: blocks, isTransposed } = gridOfBlocks(matrix)
  return isTransposed ? block * rows + row : row * blocks + block
}

function dataOf({ source, offset, byteLength }: PlacedOnnxTensor): Uint8Array {
  return source.read(offset, byteLength)
}
