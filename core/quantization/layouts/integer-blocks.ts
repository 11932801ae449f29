import { integerBlockHead, integerBlocks, type IntegerBlockType } from '../../formats/integer-blocks.js'
import { decodeEach, minimaOf, type BlockLayout } from './block-layout.js'

/** How blocks of integers are read: scales and zero points as they are, codes in their order. */
export function integerBlockLayout(type: IntegerBlockType): BlockLayout {
  const blocks = integerBlocks(type)
  const { bits, blockLength, hasZeroPoints } = blocks
  const head = integerBlockHead(blocks)
  const codeBytes = (blockLength * bits) / 8
  return {
    bits,
    blockSize: blockLength,
    zeroCode: 2 ** (bits - 1),
    hasMinima: hasZeroPoints,
    givesZeroPoints: true,
    scalePositions: [0],
    hasFloatScales: true,
    decode: decodeEach(head + codeBytes, 1, (bytes, start, target, block) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset + start, head)
      target.scales[block] = view.getFloat32(0, true)
      if (hasZeroPoints) minimaOf(target)[block] = view.getFloat32(4, true)
      target.codes.set(bytes.subarray(start + head, start + head + codeBytes), block * codeBytes)
    }),
    writeCodes: (codes, block) => block.set(codes.subarray(0, codeBytes), head),
  }
}
