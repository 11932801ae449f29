import type { ByteSource } from '../formats/byte-source.js'
import type { GgufTensor } from '../formats/gguf/gguf-file.js'
import { isQuantizedType, tensorType } from '../formats/gguf/tensor-types.js'
import { relativeOutliers } from './code-tables/relative-outliers.js'
import type { BlockLayout, BlockTarget } from './layouts/block-layout.js'
import { matrixLayoutOf } from './layouts/block-layouts.js'
import type { Matrix, QuantizedMatrix } from './matrix.js'
import { readFloats, readHalves } from './read-floats.js'
import { malformedTensor, unsupportedType } from './tensor-errors.js'

/** How much of a quantized tensor is in memory in the file's layout at a time. */
const pieceBytes = 2 ** 18

/**
 * Reads a weight matrix from the file's own bytes. Quantized types keep their codes and scales, F16 its half floats;
 * BF16 and F32 become float32. Needs the memory of the result and one piece of the file.
 *
 * @throws EngineError `model-malformed` for a tensor that is not a matrix, or with NaN or infinite scales or values
 *   (named by block or index), `model-unsupported` for another type
 * @param over a matrix that is no longer needed: its memory is used where it fits, and it is not valid afterwards
 */
export function readMatrix(source: ByteSource, tensor: GgufTensor, over: Matrix | null = null): Matrix {
  const [rows, columns] = matrixShape(source, tensor)
  if (isQuantizedType(tensor.type)) {
    const layout = matrixLayoutOf(tensor.type, tensor)
    return readQuantized(source, tensor, layout, over?.kind === 'quantized' ? over : null)
  }
  switch (tensor.type) {
    case 'F16':
      return { kind: 'float16', rows, columns, values: readHalves(source, tensor) }
    case 'BF16':
    case 'F32':
      return { kind: 'float32', rows, columns, values: readFloats(source, tensor) }
    default:
      throw unsupportedType(source.path, tensor)
  }
}

function matrixShape(source: ByteSource, tensor: GgufTensor): readonly [number, number] {
  const [rows, columns] = tensor.shape
  if (tensor.shape.length !== 2) {
    throw malformedTensor(source.path, tensor, `expected a matrix, found shape [${tensor.shape.join(', ')}]`)
  }
  return [rows, columns]
}

function readQuantized(
  source: ByteSource,
  tensor: GgufTensor,
  layout: BlockLayout,
  over: QuantizedMatrix | null,
): QuantizedMatrix {
  const [rows, columns] = matrixShape(source, tensor)
  const { bits, blockSize } = layout
  const blockCount = (rows * columns) / blockSize
  const codeBytes = (rows * columns * bits) / 8
  const floats = (known: Float32Array | null | undefined): Float32Array =>
    known?.length === blockCount ? known : new Float32Array(blockCount)
  const codes = over?.codes.length === codeBytes ? over.codes : new Uint8Array(codeBytes)
  const scales = floats(over?.scales)
  const zeroPoints = layout.hasMinima ? floats(over?.zeroPoints) : null
  const target = { codes, scales, minima: zeroPoints }
  decodePieces(source, tensor, layout, target)
  const blocksPerRow = columns / blockSize
  checkFinite(source, tensor, scales, blocksPerRow)
  if (zeroPoints !== null) {
    checkFinite(source, tensor, zeroPoints, blocksPerRow)
    if (layout.givesZeroPoints !== true) toZeroPoints(layout, codes, scales, zeroPoints)
  }
  const matrix = { kind: 'quantized', rows, columns, bits, blockSize, codes, scales, zeroPoints } as const
  if (layout.table === undefined) return matrix
  const outliers = tensor.outliers && relativeOutliers(source, tensor, tensor.outliers, matrix)
  return { ...matrix, table: layout.table, ...(outliers && { outliers }) }
}

function decodePieces(
  source: ByteSource,
  tensor: GgufTensor,
  layout: BlockLayout,
  target: BlockTarget,
): void {
  const { blockBytes, blockLength } = tensorType(tensor.type) ?? { blockBytes: 1, blockLength: 1 }
  const blocksEach = blockLength / layout.blockSize
  const wholeBlocks = Math.floor(pieceBytes / blockBytes) * blockBytes
  for (let start = 0; start < tensor.byteLength; start += wholeBlocks) {
    const bytes = source.view(tensor.offset + start, Math.min(wholeBlocks, tensor.byteLength - start))
    layout.decode(bytes, target, (start / blockBytes) * blocksEach)
  }
}

/**
 * Turns minima into zero points, in place: scale · (code − zeroCode) + minimum = scale · (code − zeroPoint).
 *
 * Where a scale is 0 every value is the minimum, which is kept as the scale, one code above the zero point.
 */
function toZeroPoints(
  { bits, blockSize, zeroCode }: BlockLayout,
  codes: Uint8Array,
  scales: Float32Array,
  minima: Float32Array,
): void {
  const codeBytes = (blockSize * bits) / 8
  for (let block = 0; block < scales.length; block++) {
    const minimum = minima[block]
    if (scales[block] === 0) {
      scales[block] = minimum
      minima[block] = zeroCode
      codes.fill((zeroCode + 1) * (bits === 4 ? 0x11 : 1), block * codeBytes, (block + 1) * codeBytes)
    } else {
      minima[block] = zeroCode - minimum / scales[block]
    }
  }
}

function checkFinite(
  source: ByteSource,
  tensor: GgufTensor,
  numbers: Float32Array,
  blocksPerRow: number,
): void {
  for (let block = 0; block < numbers.length; block++) {
    if (!Number.isFinite(numbers[block])) throw badScale(source, tensor, block, blocksPerRow)
  }
}

function badScale(source: ByteSource, tensor: GgufTensor, block: number, blocksPerRow: number): Error {
  const row = Math.floor(block / blocksPerRow)
  const place = `block ${block % blocksPerRow} of row ${row}`
  return malformedTensor(source.path, tensor, `expected finite scales, found NaN or infinity in ${place}`)
}
