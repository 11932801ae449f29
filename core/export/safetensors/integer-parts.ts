import { integerBlockHead } from '../../formats/integer-blocks.js'
import { integerMethod } from '../../model/hugging-face/packed/integer-linear.js'
import {
  blocksOfIntegers,
  quantizeToIntegers,
  type IntegerQuantizer,
} from '../../quantization/integer-quantizer.js'
import { linearPart, type LinearQuantizer } from './linear-quantizer.js'

/** Quantizes linears to integers in blocks, in the layout of `IntegerLinear`. */
export function toIntegers(quantizer: IntegerQuantizer): LinearQuantizer {
  const blocks = blocksOfIntegers(quantizer)
  const { bits, blockLength, hasZeroPoints } = blocks
  const head = integerBlockHead(blocks)
  const codeBytes = (blockLength * bits) / 8
  /** The same bytes of each block, one after the other. */
  const ofBlocks = (bytes: Uint8Array, first: number, count: number): Uint8Array => {
    const blockBytes = head + codeBytes
    const taken = new Uint8Array((bytes.byteLength / blockBytes) * count)
    for (let start = 0, at = 0; start < bytes.byteLength; start += blockBytes, at += count) {
      taken.set(bytes.subarray(start + first, start + first + count), at)
    }
    return taken
  }
  return {
    blockLength,
    config: {
      quant_method: integerMethod,
      bits: quantizer.bits,
      code_bits: bits,
      block_size: blockLength,
      grid: quantizer.grid,
      rounding: quantizer.rounding,
    },
    quantize: (name, shape, read) => quantizeToIntegers(name, shape, read, quantizer),
    partsOf: (name, [rows, columns]) => {
      const heads = [rows, columns / blockLength]
      return [
        linearPart(name, 'U8', [rows, (columns * bits) / 8], ({ bytes }) => ofBlocks(bytes, head, codeBytes)),
        linearPart(`${name}.scales`, 'F32', heads, ({ bytes }) => ofBlocks(bytes, 0, 4)),
        ...(hasZeroPoints
          ? [linearPart(`${name}.zero_points`, 'F32', heads, ({ bytes }) => ofBlocks(bytes, 4, 4))]
          : []),
      ]
    },
  }
}
