import { tensorType, type QuantizedType, type ReadableType } from '../../core/formats/gguf/tensor-types.js'
import { floatToHalf } from '../../core/quantization/half-float.js'
import { blockLayoutOf } from '../../core/quantization/layouts/block-layouts.js'
import type { RandomNumbers } from './random-numbers.js'

/** Where the values of a tensor lie: about ±`magnitude` around `center`; quantized types are centered on 0. */
export interface Range {
  readonly magnitude: number
  readonly center: number
}

/**
 * Bytes of a random tensor as a file holds it. Quantized types get random codes, and scales that differ from block to
 * block.
 */
export function randomTensorBytes(
  random: RandomNumbers,
  type: ReadableType,
  values: number,
  range: Range,
): Uint8Array {
  const { blockLength, blockBytes } = tensorType(type) ?? { blockLength: 1, blockBytes: 1 }
  const bytes = new Uint8Array((values / blockLength) * blockBytes)
  const view = new DataView(bytes.buffer)
  for (let start = 0; start < bytes.byteLength; start += blockBytes) {
    fillBlock[type](view, start, random, range)
  }
  return bytes
}

type FillBlock = (view: DataView, start: number, random: RandomNumbers, range: Range) => void

const fillBlock: Readonly<Record<ReadableType, FillBlock>> = {
  F32: (view, start, random, range) => view.setFloat32(start, valueIn(range, random), true),
  F16: (view, start, random, range) => view.setUint16(start, floatToHalf(valueIn(range, random)), true),
  BF16: (view, start, random, range) => {
    const rounded = new DataView(Float32Array.of(valueIn(range, random)).buffer).getUint16(2, true)
    view.setUint16(start, rounded, true)
  },
  Q4_0: (view, start, random, range) => {
    view.setUint16(start, floatToHalf(blockMagnitude(range, random) / 8), true)
    fillCodes(view, start + 2, 16, random)
  },
  Q4_1: (view, start, random, range) => {
    const magnitude = blockMagnitude(range, random)
    view.setUint16(start, floatToHalf((2 * magnitude) / 15), true)
    view.setUint16(start + 2, floatToHalf(-magnitude), true)
    fillCodes(view, start + 4, 16, random)
  },
  Q8_0: (view, start, random, range) => {
    view.setUint16(start, floatToHalf(blockMagnitude(range, random) / 127), true)
    fillCodes(view, start + 2, 32, random)
  },
  Q5_0: fillBytes('Q5_0', 1 / 16),
  Q5_1: fillBytes('Q5_1', 2 / 31, -1),
  Q2_K: fillBytes('Q2_K', 2 / 3 / 15, 1 / 15),
  Q3_K: fillBytes('Q3_K', 1 / 4 / 32),
  Q4_K: fillBytes('Q4_K', 2 / 15 / 63, 1 / 63),
  Q5_K: fillBytes('Q5_K', 2 / 31 / 63, 1 / 63),
  Q6_K: fillBytes('Q6_K', 1 / 32 / 128),
  IQ4_NL: fillBytes('IQ4_NL', 1 / 127),
  IQ4_XS: fillBytes('IQ4_XS', 1 / 127 / 32),
}

/** Random bytes, but for the half floats, which are these shares of a block's magnitude. */
function fillBytes(type: QuantizedType, ...shares: readonly number[]): FillBlock {
  const { scalePositions } = blockLayoutOf(type)
  return (view, start, random, range) => {
    fillCodes(view, start, tensorType(type)?.blockBytes ?? 0, random)
    const magnitude = blockMagnitude(range, random)
    scalePositions.forEach((place, index) =>
      view.setUint16(start + place, floatToHalf(shares[index] * magnitude), true),
    )
  }
}

function valueIn({ magnitude, center }: Range, random: RandomNumbers): number {
  return center + magnitude * random.symmetric()
}

function blockMagnitude({ magnitude }: Range, random: RandomNumbers): number {
  return magnitude * (1 + 0.2 * random.symmetric())
}

function fillCodes(view: DataView, start: number, count: number, random: RandomNumbers): void {
  for (let index = 0; index < count; index++) view.setUint8(start + index, random.below(256))
}
