import type { DynamicCode } from '../quantization/dynamic-code.js'
import { packCodes, packedByteLength, unpackCodes } from '../quantization/pack-codes.js'
import { momentChunk, type Moment } from './moment.js'

/**
 * A running mean in a dynamic code, block by block: value = scale of the block · level of the code. The scale is the
 * block's largest magnitude, so that one outlier costs its own block only.
 *
 * Source: Dettmers et al. 2021, arXiv:2110.02861, section 2.1.
 *
 * @param blockSize divides the chunk
 */
export function dynamicMoment(length: number, code: DynamicCode, blockSize: number): Moment {
  const packed = new Uint8Array(packedByteLength(length, code.bits))
  const scales = new Float32Array(Math.ceil(length / blockSize))
  const values = new Float32Array(momentChunk)
  const words = new Uint32Array(values.buffer)
  const codes = new Uint8Array(momentChunk)
  let opened = { start: 0, count: 0 }

  function packedChunk(): Uint8Array {
    return packed.subarray((opened.start * code.bits) / 8)
  }

  return {
    parts: [packed, new Uint8Array(scales.buffer)],
    read(start, count) {
      opened = { start, count }
      unpackCodes(packedChunk(), count, code.bits, codes)
      for (let first = 0; first < count; first += blockSize) {
        const scale = scales[(start + first) / blockSize]
        const end = Math.min(first + blockSize, count)
        for (let i = first; i < end; i++) values[i] = code.levels[codes[i]] * scale
      }
      return values
    },
    write() {
      const { start, count } = opened
      for (let first = 0; first < count; first += blockSize) {
        const end = Math.min(first + blockSize, count)
        let scale = 0
        for (let i = first; i < end; i++) if (Math.abs(values[i]) > scale) scale = Math.abs(values[i])
        scales[(start + first) / blockSize] = scale
        // A block of zeros stays one, whatever its codes.
        const inverse = scale === 0 ? 0 : 1 / scale
        for (let i = first; i < end; i++) values[i] *= inverse
      }
      code.encode(values, words, codes, count)
      packCodes(codes, count, code.bits, packedChunk())
    },
  }
}
