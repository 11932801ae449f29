import { tableBlockHead, tableBlocks, type TableBlockType } from '../../formats/table-blocks.js'
import { codeTable } from '../code-tables/code-table.js'
import { tableScale } from '../code-tables/table-scale.js'
import { tableLevels } from '../levels.js'
import { packCodes } from '../pack-codes.js'
import type { EncodeBlock } from './block-encoder.js'

/** Writes blocks of a type with a table: the scale (`tableScale`), then the codes of the nearest values. */
export function tableBlockEncoder(type: TableBlockType): EncodeBlock {
  const { table, blockLength } = tableBlocks(type)
  const levels = tableLevels(codeTable(table, blockLength))
  const codes = new Uint8Array(blockLength)
  return (values, bytes, start) => {
    const scale = tableScale(values, table)
    new DataView(bytes.buffer, bytes.byteOffset + start, tableBlockHead).setFloat32(0, scale, true)
    levels.encode(values, 1 / scale, codes)
    packCodes(codes, blockLength, 4, bytes.subarray(start + tableBlockHead))
  }
}
