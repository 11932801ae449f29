import { dequantizeRow } from '../quantization/dequantize-row.js'
import { fitBlock } from '../quantization/fit-block.js'
import type { QuantizedMatrix } from '../quantization/matrix.js'
import { packCodes } from '../quantization/pack-codes.js'

/** What a block of zeros gets for a scale: the smallest half float above 0. */
const smallestScale = 2 ** -24

/** Scale and zero point of each block. */
export interface MasterGrid {
  readonly scales: Float32Array
  readonly zeroPoints: Float32Array
}

/** A matrix' values as floats, and the grid that they are rounded to. */
export interface MasterStart {
  /** In codes of the grid: value / scale + zero point. */
  readonly weights: Float32Array
  readonly grid: MasterGrid
}

/** Where master weights of a 4-bit matrix begin: on the grid of the file for 4 bits; for 2, on one fitted to its values. */
export function masterStart(base: QuantizedMatrix, bits: 2 | 4): MasterStart {
  const values = new Float32Array(base.rows * base.columns)
  for (let row = 0; row < base.rows; row++) dequantizeRow(base, row, values, row * base.columns)
  const grid = bits === 4 ? gridOfFile(base) : fittedGrid(values, base)
  const { scales, zeroPoints } = grid
  for (let i = 0; i < values.length; i++) {
    const block = Math.floor(i / base.blockSize)
    values[i] = values[i] / scales[block] + zeroPoints[block]
  }
  return { weights: values, grid }
}

/** A matrix of the file's form, its codes still to be filled. */
export function emptyMatrix(base: QuantizedMatrix): QuantizedMatrix {
  return {
    ...base,
    codes: new Uint8Array(base.codes.length),
    scales: new Float32Array(base.scales.length),
    zeroPoints: base.zeroPoints && new Float32Array(base.zeroPoints.length),
  }
}

/**
 * Rounds places on a grid, in codes, and writes codes and grid in the form of the file.
 *
 * 2-bit codes c lie in the file's 4-bit codes: c itself where the type keeps minima; else 5 + 2 c around the fixed zero
 * point 8, with half the scale.
 *
 * @param placeOf of a weight in a block, in codes of the grid; not rounded
 */
export function roundInto(
  matrix: QuantizedMatrix,
  bits: 2 | 4,
  { scales, zeroPoints }: MasterGrid,
  placeOf: (index: number, block: number) => number,
): void {
  const isDoubled = bits === 2 && matrix.zeroPoints === null
  const [first, stride] = isDoubled ? [5, 2] : [0, 1]
  const largest = 2 ** bits - 1
  const codes = new Uint8Array(matrix.rows * matrix.columns)
  eachWeight(scales.length, matrix.blockSize, (i, block) => {
    codes[i] = first + stride * Math.max(0, Math.min(largest, Math.round(placeOf(i, block))))
  })
  packCodes(codes, codes.length, 4, matrix.codes)
  for (let block = 0; block < scales.length; block++) matrix.scales[block] = scales[block] / stride
  matrix.zeroPoints?.set(zeroPoints)
}

/** Visits the weights of blocks in memory order. */
export function eachWeight(
  blocks: number,
  blockSize: number,
  visit: (index: number, block: number) => void,
): void {
  for (let block = 0, i = 0; block < blocks; block++) {
    for (const end = i + blockSize; i < end; i++) visit(i, block)
  }
}

function gridOfFile({ scales, zeroPoints }: QuantizedMatrix): MasterGrid {
  return {
    scales: scales.map((scale) => (scale === 0 ? smallestScale : scale)),
    zeroPoints: zeroPoints?.slice() ?? new Float32Array(scales.length).fill(8),
  }
}

/** Grids of 4 codes near the file's values. */
function fittedGrid(values: Float32Array, { scales, zeroPoints, blockSize }: QuantizedMatrix): MasterGrid {
  const grid: MasterGrid = {
    scales: new Float32Array(scales.length),
    zeroPoints: new Float32Array(scales.length),
  }
  const middle = 1.5
  for (let block = 0; block < scales.length; block++) {
    const ofBlock = values.subarray(block * blockSize, (block + 1) * blockSize)
    const range = { largest: 3, middle: zeroPoints === null ? middle : null }
    const fitted = fitBlock(ofBlock, range, [])
    const scale = fitted.scale === 0 ? smallestScale : fitted.scale
    grid.scales[block] = scale
    grid.zeroPoints[block] = zeroPoints === null ? middle : -fitted.minimum / scale
  }
  return grid
}
