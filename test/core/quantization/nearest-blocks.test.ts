import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isQuantizedType, tensorType } from '../../../core/formats/gguf/tensor-types.js'
import { dequantizeBlocks } from '../../../core/quantization/dequantize-blocks.js'
import { encodeRows, type Rounding } from '../../../core/quantization/encode-rows.js'
import { nearestEncoders } from '../../../core/quantization/encoders/nearest-blocks.js'
import { tableLevels } from '../../../core/quantization/levels.js'
import { randomNumbers } from '../../support/random-numbers.js'

const goldenPath = join(import.meta.dirname, '../../golden/rounding/nearest.json')
const golden = JSON.parse(readFileSync(goldenPath, 'utf8')) as Readonly<Record<string, string>>
const values = new Float32Array(Uint8Array.from(Buffer.from(golden.values, 'base64')).buffer)
const types = Object.keys(nearestEncoders).filter(isQuantizedType)

function encoded(type: string, numbers: Float32Array, rounding: Rounding): Uint8Array {
  const { blockLength, blockBytes } = tensorType(type) ?? { blockLength: 1, blockBytes: 1 }
  const byteLength = (numbers.length / blockLength) * blockBytes
  const tensor = { name: 'a', type, shape: [1, numbers.length], byteLength }
  return encodeRows(tensor, (_, target) => target.set(numbers), rounding).bytes
}

function gaussian(count: number): Float32Array {
  const random = randomNumbers(31)
  const next = (): number =>
    Math.sqrt(-2 * Math.log(1 - random.below(2 ** 24) / 2 ** 24)) * Math.cos(Math.PI * random.symmetric())
  return Float32Array.from({ length: count }, next)
}

describe.each(types)('the nearest blocks of %s', (type) => {
  it('are those of the gguf package, to the bit', () => {
    const found = encoded(type, values, 'nearest')
    expect(Buffer.from(found).toString('base64')).toBe(golden[type])
  })

  it('are not nearer to Gaussian numbers than those that are searched', () => {
    const numbers = gaussian(32 * 256)
    const error = (rounding: Rounding): number => {
      const stored = new Float32Array(numbers.length)
      dequantizeBlocks(type, encoded(type, numbers, rounding), stored)
      return stored.reduce((sum, value, at) => sum + (value - numbers[at]) ** 2, 0) / numbers.length
    }
    const [searched, nearest] = [error('search'), error('nearest')]
    // There is nothing to search for in 8 bits.
    expect(searched).toBeLessThan((type === 'Q8_0' ? 1.01 : 0.95) * nearest)
  })
})

/** Codes above 0 of published tables. Source: bitsandbytes (NF4); BOF4, arXiv:2505.06653, for blocks of 64. */
const tables: Readonly<Record<string, readonly number[]>> = {
  NF4: [
    ...[-1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635],
    ...[-0.18477343022823334, -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725],
    ...[0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941],
    ...[0.7229568362236023, 1],
  ],
  BOF4: [
    ...[-1, -0.7535689204, -0.5792681493, -0.4386720084, -0.316819104, -0.206029111, -0.1015640796, 0],
    ...[0.0887646749, 0.1794535267, 0.2742497738, 0.3759510293, 0.4885925268, 0.6187715546],
    ...[0.7790828368, 1],
  ],
  'BOF4-S': [
    ...[-0.8568463922, -0.6692874432, -0.5235266089, -0.4004882574, -0.2910638154, -0.1900092959],
    ...[-0.0938529596, 0, 0.0887671709, 0.1794802696, 0.2743096054, 0.3760197461, 0.4886530042],
    ...[0.618860364, 0.7791395783, 1],
  ],
  even: Array.from({ length: 16 }, (_, code) => (2 * (code - 8)) / 15),
  'signed even': Array.from({ length: 16 }, (_, code) => (8 - code) / 8).toReversed(),
}

describe('levels of a table', () => {
  it.each([
    ['NF4', 'largest', 8.46e-3],
    ['BOF4', 'largest', 7.99e-3],
    ['BOF4-S', 'signed', 7.35e-3],
    ['even', 'largest', 10.56e-3],
    ['signed even', 'signed', 9.01e-3],
  ] as const)('%s by its %s value have their error in Gaussian blocks of 64', (name, scaleBy, expected) => {
    const levels = tableLevels(tables[name])
    const numbers = gaussian(64 * 4096)
    const codes = new Uint8Array(64)
    let error = 0
    for (let start = 0; start < numbers.length; start += 64) {
      const block = numbers.subarray(start, start + 64)
      const furthest = block.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0)
      const scale = scaleBy === 'signed' ? furthest : Math.abs(furthest)
      levels.encode(block, 1 / scale, codes)
      block.forEach((value, at) => (error += (value - scale * levels.values[codes[at]]) ** 2))
    }
    expect(Math.abs(error / numbers.length / expected - 1)).toBeLessThan(0.015)
  })
})
