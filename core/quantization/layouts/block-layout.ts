import type { CodeTableName } from '../../schema/code-table.js'

/** Where one tensor's blocks are decoded to; positions count the matrix' blocks from its start. */
export interface BlockTarget {
  /** Packed as `QuantizedMatrix` says. */
  readonly codes: Uint8Array
  readonly scales: Float32Array
  /** The value of code `zeroCode`; null for the types that have none. */
  readonly minima: Float32Array | null
}

/**
 * A quantized type of GGUF as blocks of a matrix: value = scale · (code − zeroCode) + minimum.
 *
 * A block of the file holds one or more of them, whose scales and minima are then whole numbers times a half float.
 */
export interface BlockLayout {
  readonly bits: 4 | 8
  /** Values that share a scale and a minimum. */
  readonly blockSize: number
  /** Where minima are, it is the code of the minimum, else that of 0: the middle of the range. */
  readonly zeroCode: number
  readonly hasMinima: boolean
  /** Whether blocks give their zero points themselves, where others have minima. */
  readonly givesZeroPoints?: true
  /** Where, in a block of the file, the half floats (or floats) are that all its scales and minima are multiples of. */
  readonly scalePositions: readonly number[]
  /** Whether these are float32. */
  readonly hasFloatScales?: true
  /** Where codes are looked up: value = scale · table[code]. */
  readonly table?: CodeTableName
  /** Decodes the whole blocks in `bytes` (little-endian) to `target`, from its block `firstBlock` on. */
  decode(bytes: Uint8Array, target: BlockTarget, firstBlock: number): void
  /**
   * Writes the codes of one block of the file, packed as `decode` packs them, over those in its bytes; scales and minima stay.
   * Both begin there and may go on. Only types that hold every code of `bits` bits have it.
   */
  readonly writeCodes?: (codes: Uint8Array, bytes: Uint8Array) => void
}

/** Decodes one block of the file. */
export type DecodeBlock = (bytes: Uint8Array, start: number, target: BlockTarget, firstBlock: number) => void

/** Decodes blocks of `blockBytes` bytes one after the other; each is `blocks` blocks of the matrix. */
export function decodeEach(
  blockBytes: number,
  blocks: number,
  decodeBlock: DecodeBlock,
): BlockLayout['decode'] {
  return (bytes, target, firstBlock) => {
    for (let start = 0, block = firstBlock; start < bytes.byteLength; start += blockBytes, block += blocks) {
      decodeBlock(bytes, start, target, block)
    }
  }
}

/** The minima of a target for a type that has them. */
export function minimaOf({ minima }: BlockTarget): Float32Array {
  if (minima === null) throw new TypeError('the type needs room for minima')
  return minima
}
