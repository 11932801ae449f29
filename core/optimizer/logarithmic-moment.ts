import { encodeLogarithmic, logarithmicBlock } from '../quantization/logarithmic-code.js'
import { packCodes, packedByteLength, unpackCodes } from '../quantization/pack-codes.js'
import { momentChunk, type Moment } from './moment.js'

const bits = 2
const blockSize = 128

/** Fills `noise` with even numbers in [−½, ½) that depend on the step and the first element alone. */
export type FillNoise = (noise: Float32Array, step: number, start: number) => void

/**
 * A running mean of squares in two bits an element and two floats a block of 128, by the logarithmic code.
 *
 * Source: SOLO, Xu et al. 2025, arXiv:2505.00347.
 */
export function logarithmicMoment(length: number, fillNoise: FillNoise): Moment {
  const packed = new Uint8Array(packedByteLength(length, bits))
  const scales = new Float32Array(Math.ceil(length / blockSize))
  const bases = new Float32Array(scales.length)
  const values = new Float32Array(momentChunk)
  const noise = new Float32Array(momentChunk)
  const codes = new Uint8Array(momentChunk)
  const levels = new Float32Array(1 << bits)
  let opened = { start: 0, count: 0 }

  function packedChunk(): Uint8Array {
    return packed.subarray((opened.start * bits) / 8)
  }

  return {
    parts: [packed, new Uint8Array(scales.buffer), new Uint8Array(bases.buffer)],
    read(start, count) {
      opened = { start, count }
      unpackCodes(packedChunk(), count, bits, codes)
      for (let first = 0; first < count; first += blockSize) {
        const block = (start + first) / blockSize
        for (let code = 0, level = scales[block]; code < levels.length; code++, level *= bases[block]) {
          levels[code] = level
        }
        const end = Math.min(first + blockSize, count)
        for (let i = first; i < end; i++) values[i] = levels[codes[i]]
      }
      return values
    },
    write(step) {
      const { start, count } = opened
      fillNoise(noise, step, start)
      for (let first = 0; first < count; first += blockSize) {
        const end = Math.min(first + blockSize, count)
        const block = logarithmicBlock(values, first, end)
        scales[(start + first) / blockSize] = block.scale
        bases[(start + first) / blockSize] = block.base
        encodeLogarithmic(values, first, end, block, noise, codes)
      }
      packCodes(codes, count, bits, packedChunk())
    },
  }
}
