import type { QuantizedMatrix } from './matrix.js'

/**
 * The blocks whose codes all stand one above their zero point. So `readMatrix` keeps blocks whose scale in the file is 0: all
 * their values are the minimum, which is the scale here, and codes of the file mean nothing there. (A block that happens to
 * be like that in the file is constant as well.)
 *
 * @returns their indices, ascending
 */
export function constantBlocks({
  bits,
  blockSize,
  codes,
  zeroPoints,
}: Pick<QuantizedMatrix, 'bits' | 'blockSize' | 'codes' | 'zeroPoints'>): number[] {
  const codeBytes = (blockSize * bits) / 8
  const found: number[] = []
  zeroPoints?.forEach((zeroPoint, block) => {
    const byte = (zeroPoint + 1) * (bits === 4 ? 0x11 : 1)
    const ofBlock = codes.subarray(block * codeBytes, (block + 1) * codeBytes)
    if (ofBlock.every((each) => each === byte)) found.push(block)
  })
  return found
}
