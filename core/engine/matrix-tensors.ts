import { sparseRows } from '../formats/sparse-values.js'
import type { Matrix, QuantizedMatrix } from '../quantization/matrix.js'
import type { Tensor, Tensors } from '../runtime/device.js'
import type { ZeroPointPath } from '../graph/linear.js'
import { MiddlePoints } from './middle-points.js'

/** A float32 tensor over `data`, which is not copied. */
export function float32Tensor(data: Float32Array, shape: readonly number[]): Tensor<'float32'> {
  return { type: 'float32', data, shape }
}

/** An int32 tensor over `data`, which is not copied. */
export function int32Tensor(data: Int32Array, shape: readonly number[]): Tensor<'int32'> {
  return { type: 'int32', data, shape }
}

/** The codes of a matrix as the graph's input, over its own array. */
export function codesTensor({ rows, columns, bits, blockSize, codes }: QuantizedMatrix): Tensor<'uint8'> {
  return { type: 'uint8', data: codes, shape: [rows, columns / blockSize, (blockSize * bits) / 8] }
}

/**
 * The weight inputs of the linear called `name`, over the matrix' own arrays.
 *
 * @param middles where the zero points of a type that has none lie; memory of their own unless said
 */
export function matrixTensors(
  name: string,
  matrix: Matrix,
  path: ZeroPointPath,
  middles = new MiddlePoints(),
): Tensors {
  if (matrix.kind === 'float32') {
    return { [`${name}.weights`]: float32Tensor(matrix.values, [matrix.rows, matrix.columns]) }
  }
  if (matrix.kind === 'float16') {
    return {
      [`${name}.weights`]: { type: 'float16', data: matrix.values, shape: [matrix.rows, matrix.columns] },
    }
  }
  const { rows, columns, bits, blockSize, scales, zeroPoints } = matrix
  const shape = [rows, columns / blockSize]
  const common: Tensors = {
    [`${name}.codes`]: codesTensor(matrix),
    [`${name}.scales`]: float32Tensor(scales, shape),
  }
  if (matrix.table !== undefined) return { ...common, ...outlierTensors(name, matrix) }
  if (path === 'zeroPoints') {
    if (bits === 8 && zeroPoints === null) return common
    const points = zeroPoints ?? middles.of(scales.length)
    return { ...common, [`${name}.zeroPoints`]: float32Tensor(points, shape) }
  }
  if (zeroPoints === null) return common
  return { ...common, [`${name}.offsets`]: float32Tensor(blockOffsets(matrix, zeroPoints), shape) }
}

function outlierTensors(name: string, { outliers }: QuantizedMatrix): Tensors {
  if (outliers === undefined) return {}
  const { positions, values } = outliers
  return {
    [`${name}.outlierPositions`]: int32Tensor(positions, [positions.length]),
    [`${name}.outliers`]: float32Tensor(values, [values.length]),
  }
}

/** What a kernel without zero points leaves out of a block's product: (2^(bits − 1) − zeroPoint) · scale. */
function blockOffsets({ bits, scales }: QuantizedMatrix, zeroPoints: Float32Array): Float32Array {
  const middle = 2 ** (bits - 1)
  return scales.map((scale, block) => (middle - zeroPoints[block]) * scale)
}

/** Rows `first` … `end` − 1 of a matrix, over the same memory. */
export function matrixRows(matrix: Matrix, first: number, end: number): Matrix {
  const rows = end - first
  const { columns } = matrix
  if (matrix.kind === 'float32') {
    return { ...matrix, rows, values: matrix.values.subarray(first * columns, end * columns) }
  }
  if (matrix.kind === 'float16') {
    return { ...matrix, rows, values: matrix.values.subarray(first * columns, end * columns) }
  }
  const blocks = columns / matrix.blockSize
  const rowBytes = (columns * matrix.bits) / 8
  return {
    ...matrix,
    rows,
    codes: matrix.codes.subarray(first * rowBytes, end * rowBytes),
    scales: matrix.scales.subarray(first * blocks, end * blocks),
    zeroPoints: matrix.zeroPoints?.subarray(first * blocks, end * blocks) ?? null,
    ...(matrix.outliers && { outliers: sparseRows(matrix.outliers, columns, first, end) }),
  }
}
