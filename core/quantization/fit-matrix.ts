import { dequantizeRow } from './dequantize-row.js'
import { fitBlock, type CodeRange } from './fit-block.js'
import type { Matrix, QuantizedMatrix } from './matrix.js'

/** Adds to one row of a matrix, in floats. */
export type AddToRow = (row: number, values: Float32Array) => void

/**
 * The matrix nearest to W + addition that has the form of W: float matrices become float32 and exact; of quantized ones, each
 * block's codes, scale and minimum are fitted by least squares, and begin from those of W.
 */
export function addToMatrix(matrix: Matrix, add: AddToRow): Matrix {
  const { rows, columns } = matrix
  if (matrix.kind === 'quantized') return addToBlocks(matrix, add)
  const values = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    dequantizeRow(matrix, row, values, row * columns)
    add(row, values.subarray(row * columns, (row + 1) * columns))
  }
  return { kind: 'float32', rows, columns, values }
}

function addToBlocks(matrix: QuantizedMatrix, add: AddToRow): QuantizedMatrix {
  const { rows, columns, bits, blockSize, zeroPoints } = matrix
  const middle = 2 ** (bits - 1)
  const range: CodeRange = { largest: 2 ** bits - 1, middle: zeroPoints === null ? middle : null }
  const blocks = columns / blockSize
  const fitted = {
    codes: new Uint8Array(matrix.codes.length),
    scales: new Float32Array(matrix.scales.length),
    zeroPoints: zeroPoints === null ? null : new Float32Array(zeroPoints.length),
  }
  const values = new Float32Array(columns)
  for (let row = 0; row < rows; row++) {
    dequantizeRow(matrix, row, values, 0)
    add(row, values)
    for (let block = row * blocks; block < (row + 1) * blocks; block++) {
      const first = (block - row * blocks) * blockSize
      const scale = matrix.scales[block]
      const start = { scale, minimum: -(zeroPoints?.[block] ?? middle) * scale }
      const best = fitBlock(values.subarray(first, first + blockSize), range, [start])
      storeBlock(fitted, block, best, bits)
    }
  }
  return { ...matrix, ...fitted }
}

function storeBlock(
  target: Pick<QuantizedMatrix, 'codes' | 'scales' | 'zeroPoints'>,
  block: number,
  { codes, scale, minimum }: { codes: Uint8Array; scale: number; minimum: number },
  bits: 4 | 8,
): void {
  const { zeroPoints } = target
  const first = (block * codes.length * bits) / 8
  if (zeroPoints !== null && scale === 0) {
    // As for a file's block of scale 0: code 1, the value as its scale.
    target.scales[block] = minimum
    target.codes.fill(0x11, first, first + codes.length / 2)
    return
  }
  target.scales[block] = scale
  if (zeroPoints !== null) zeroPoints[block] = -minimum / scale
  if (bits === 8) target.codes.set(codes, first)
  else codes.forEach((code, i) => (target.codes[first + (i >> 1)] |= code << (4 * (i & 1))))
}
