import { tensorType, type BlockType } from '../formats/gguf/tensor-types.js'
import { codeTable } from './code-tables/code-table.js'
import { blockLayoutOf } from './layouts/block-layouts.js'

/**
 * The values of whole blocks of a file, with the operations and roundings of float32 that ggml has, so that they are its values
 * bit for bit. (A matrix that has zero points is as near as float32 can say zero points.)
 *
 * value = scale · (code − zeroCode) + minimum, rounded after each step; of types with zero points, scale · (code − zero point);
 * of types with a table, scale · table[code]
 */
export function dequantizeBlocks(type: BlockType, bytes: Uint8Array, values: Float32Array): void {
  const layout = blockLayoutOf(type)
  const { bits, blockSize, zeroCode, hasMinima, givesZeroPoints } = layout
  const levels = layout.table && codeTable(layout.table, blockSize)
  const { blockBytes = 1, blockLength = 1 } = tensorType(type) ?? {}
  const blocks = ((bytes.byteLength / blockBytes) * blockLength) / blockSize
  const codes = new Uint8Array((blocks * blockSize * bits) / 8)
  const scales = new Float32Array(blocks)
  const minima = hasMinima ? new Float32Array(blocks) : null
  layout.decode(bytes, { codes, scales, minima }, 0)
  for (let i = 0; i < blocks * blockSize; i++) {
    const block = Math.floor(i / blockSize)
    const code = bits === 8 ? codes[i] : (codes[i >> 1] >> (4 * (i & 1))) & 15
    const zeroPoint = givesZeroPoints === true && minima !== null ? minima[block] : zeroCode
    const scaled = Math.fround(scales[block] * (levels?.[code] ?? code - zeroPoint))
    values[i] = minima === null || givesZeroPoints === true ? scaled : scaled + minima[block]
  }
}
