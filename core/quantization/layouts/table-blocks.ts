import { tableBlockHead, tableBlocks, type TableBlockType } from '../../formats/table-blocks.js'
import { decodeEach, type BlockLayout } from './block-layout.js'

/**
 * How blocks with a table are read: scales as they are, codes in their order. Not every code is a step from its neighbours, so
 * none is written over another.
 */
export function tableBlockLayout(type: TableBlockType): BlockLayout {
  const { table, blockLength } = tableBlocks(type)
  const codeBytes = blockLength / 2
  return {
    bits: 4,
    blockSize: blockLength,
    zeroCode: 0,
    hasMinima: false,
    scalePositions: [0],
    hasFloatScales: true,
    table,
    decode: decodeEach(tableBlockHead + codeBytes, 1, (bytes, start, target, block) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset + start, tableBlockHead)
      target.scales[block] = view.getFloat32(0, true)
      const first = start + tableBlockHead
      target.codes.set(bytes.subarray(first, first + codeBytes), block * codeBytes)
    }),
  }
}
