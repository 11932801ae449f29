import { integerBlockHead, integerBlockType, type IntegerBlocks } from '../formats/integer-blocks.js'
import type { TableBlockLength } from '../formats/table-blocks.js'
import type { EncodeBlock } from './encoders/block-encoder.js'
import { encodeBlocksBy, type EncodedTensor, type ReadRow, type Rounding } from './encode-rows.js'
import { fitBlock, spanBlock, type CodeRange, type FittedBlock } from './fit-block.js'
import { packCodes } from './pack-codes.js'

/** Bits of a weight that linears can be quantized to; those of 2 and 3 are stored as codes of 4. */
export const integerBits = [2, 3, 4, 8] as const
export type IntegerBits = (typeof integerBits)[number]

/**
 * Where codes of b bits lie. `symmetric`: −(2^(b−1) − 1) … 2^(b−1) − 1 around 0. `signed`: from −2^(b−1), where the value
 * furthest from 0 lies, since the scale takes its sign. `asymmetric`: from the least value to the greatest, with a zero point.
 */
export const integerGrids = ['symmetric', 'signed', 'asymmetric'] as const
export type IntegerGrid = (typeof integerGrids)[number]

/** How a matrix is quantized to codes on an even grid. */
export interface IntegerQuantizer {
  readonly bits: IntegerBits
  readonly blockLength: TableBlockLength
  readonly grid: IntegerGrid
  /** `nearest`: on the grid that spans a block; `search`: on the one of the least squared error. */
  readonly rounding: Rounding
}

/** The blocks that such codes are stored in. */
export function blocksOfIntegers({ bits, blockLength, grid }: IntegerQuantizer): IntegerBlocks {
  return { bits: bits === 8 ? 8 : 4, blockLength, hasZeroPoints: grid === 'asymmetric' }
}

/**
 * Quantizes a matrix row by row. Scales, and minima of zero points, are half floats, so that types of GGUF hold them as well.
 *
 * @param shape [rows, columns], whole blocks
 */
export function quantizeToIntegers(
  name: string,
  shape: readonly [number, number],
  read: ReadRow,
  quantizer: IntegerQuantizer,
): EncodedTensor {
  const blocks = blocksOfIntegers(quantizer)
  const type = integerBlockType(blocks)
  const blockBytes = integerBlockHead(blocks) + (blocks.blockLength * blocks.bits) / 8
  const byteLength = ((shape[0] * shape[1]) / blocks.blockLength) * blockBytes
  return encodeBlocksBy({ name, type, shape, byteLength }, type, read, integerEncoder(quantizer))
}

function integerEncoder(quantizer: IntegerQuantizer): EncodeBlock {
  const { blockLength, rounding } = quantizer
  const blocks = blocksOfIntegers(quantizer)
  const range = rangeOf(quantizer)
  const head = integerBlockHead(blocks)
  return (values, bytes, start) => {
    const found = rounding === 'search' ? fitBlock(values, range, []) : spanBlock(values, range)
    const { scale, zeroPoint, codes } = storedBlock(found, range, blocks)
    const view = new DataView(bytes.buffer, bytes.byteOffset + start, head)
    view.setFloat32(0, scale, true)
    if (blocks.hasZeroPoints) view.setFloat32(4, zeroPoint, true)
    packCodes(codes, blockLength, blocks.bits, bytes.subarray(start + head))
  }
}

function rangeOf({ bits, grid }: IntegerQuantizer): CodeRange {
  const half = 2 ** (bits - 1)
  if (grid === 'symmetric') return { largest: 2 * half - 2, middle: half - 1 }
  return { largest: 2 * half - 1, middle: grid === 'signed' ? half : null }
}

interface StoredBlock {
  readonly scale: number
  readonly zeroPoint: number
  readonly codes: Uint8Array
}

/** Codes around the middle of those that are stored, or from 0 with a zero point. A scale is never 0: what trains it multiplies it. */
function storedBlock(
  { scale, minimum, codes }: FittedBlock,
  { middle }: CodeRange,
  { bits }: IntegerBlocks,
): StoredBlock {
  const zeroCode = 2 ** (bits - 1)
  if (scale === 0) {
    const isZero = middle !== null || minimum === 0
    const zeroPoint = isZero ? zeroCode : zeroCode - 1
    return { scale: isZero ? 1 : minimum, zeroPoint, codes: codes.fill(zeroCode) }
  }
  if (middle === null) return { scale, zeroPoint: -minimum / scale, codes }
  return { scale, zeroPoint: zeroCode, codes: codes.map((code) => code + zeroCode - middle) }
}
