import type { QuantizedType } from '../../formats/gguf/tensor-types.js'
import { fitBlock, type CodedBlock, type CodeRange } from '../fit-block.js'
import { floatToHalf } from '../half-float.js'
import { putHalf, type EncodeBlock } from './block-encoder.js'
import { putFiveBits, putHalves } from './put-codes.js'

/** A type whose blocks are 32 codes on an even grid, each block with its own. */
export interface EvenBlocks {
  readonly range: CodeRange
  /** Writes a block in the type's layout. Its scale and minimum are half floats. */
  readonly put: (block: CodedBlock, bytes: Uint8Array, start: number) => void
}

/** The types of even blocks: all of 4 bits and more that have no blocks inside blocks and look nothing up. */
export const evenBlocks = {
  /** d, then the codes. */
  Q4_0: gridThenCodes({ largest: 15, middle: 8 }, putHalves),
  /** d and m, then the codes. */
  Q4_1: gridThenCodes({ largest: 15, middle: null }, putHalves),
  /** d, the fifth bits, then the low nibbles. */
  Q5_0: gridThenCodes({ largest: 31, middle: 16 }, putFiveBits),
  /** d and m, the fifth bits, then the low nibbles. */
  Q5_1: gridThenCodes({ largest: 31, middle: null }, putFiveBits),
  /** d, then signed bytes. llama.cpp's kernels want none of them to be −128. */
  Q8_0: gridThenCodes({ largest: 254, middle: 127 }, putSignedBytes),
} as const satisfies Partial<Record<QuantizedType, EvenBlocks>>

export type EvenType = keyof typeof evenBlocks

export function isEvenType(type: string): type is EvenType {
  return type in evenBlocks
}

/** An encoder that writes the block of a type that `fitBlock` finds. */
export function fittedBlocks({ range, put }: EvenBlocks): EncodeBlock {
  return (values, bytes, start) => put(fitBlock(values, range, []), bytes, start)
}

/** A layout of the scale, the minimum where the type has one, and then the codes. */
function gridThenCodes(
  range: CodeRange,
  putCodes: (codes: Uint8Array, bytes: Uint8Array, start: number) => void,
): EvenBlocks {
  const hasMinimum = range.middle === null
  return {
    range,
    put: ({ scale, minimum, codes }, bytes, start) => {
      putHalf(bytes, start, floatToHalf(scale))
      if (hasMinimum) putHalf(bytes, start + 2, floatToHalf(minimum))
      putCodes(codes, bytes, start + (hasMinimum ? 4 : 2))
    },
  }
}

function putSignedBytes(codes: Uint8Array, bytes: Uint8Array, start: number): void {
  codes.forEach((code, i) => (bytes[start + i] = (code - 127) & 255))
}
