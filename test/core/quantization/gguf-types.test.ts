import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bytesSource } from '../../../core/formats/byte-source.js'
import { quantizedTypes, tensorType, type QuantizedType } from '../../../core/formats/gguf/tensor-types.js'
import { dequantizeBlocks } from '../../../core/quantization/dequantize-blocks.js'
import { dequantizeRow } from '../../../core/quantization/dequantize-row.js'
import { blockEncoders } from '../../../core/quantization/encoders/block-encoders.js'
import { readMatrix } from '../../../core/quantization/read-matrix.js'
import { randomNumbers } from '../../support/random-numbers.js'

interface GoldenCase {
  readonly blocks: string
  readonly sha256: string
  readonly last: readonly number[]
}

const goldenPath = join(import.meta.dirname, '../../golden/gguf-types/gguf-types.json')
const golden = JSON.parse(readFileSync(goldenPath, 'utf8')) as Readonly<Record<QuantizedType, GoldenCase>>

function goldenBytes(type: QuantizedType): Uint8Array {
  return Uint8Array.from(Buffer.from(golden[type].blocks, 'base64'))
}

function valuesOf(type: QuantizedType, bytes: Uint8Array): Float32Array {
  const { blockBytes = 1, blockLength = 1 } = tensorType(type) ?? {}
  const values = new Float32Array((bytes.byteLength / blockBytes) * blockLength)
  dequantizeBlocks(type, bytes, values)
  return values
}

describe.each(quantizedTypes)('blocks of %s', (type) => {
  it('have the values of the gguf package, bit for bit', () => {
    const values = valuesOf(type, goldenBytes(type))
    expect([...values.subarray(-4)]).toEqual(golden[type].last)
    expect(createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex')).toBe(golden[type].sha256)
  })

  it('have these values as a matrix too, to float32', () => {
    const bytes = goldenBytes(type)
    const expected = valuesOf(type, bytes)
    const shape = [1, expected.length]
    const tensor = { name: 'w', type, shape, offset: 0, byteLength: bytes.byteLength }
    const matrix = readMatrix(bytesSource(bytes, 'golden'), tensor)
    const found = new Float32Array(expected.length)
    dequantizeRow(matrix, 0, found, 0)
    for (let first = 0; first < expected.length; first += 16) {
      const part = expected.subarray(first, first + 16)
      const minimum = Math.max(...part.map(Math.abs))
      const scale = matrix.kind === 'quantized' ? matrix.scales[Math.floor(first / matrix.blockSize)] : 0
      part.forEach((value, i) => {
        // A zero point is one rounding of at most 128 codes, or of the minimum.
        const limit = 2 ** -23 * (minimum + 256 * Math.abs(scale))
        expect(Math.abs(found[first + i] - value)).toBeLessThanOrEqual(limit)
      })
    }
  })
})

/** Σ (value − stored)² / Σ value² of Gaussian numbers, somewhat above what the encoders reach; bits a weight decide it. */
const errors: Readonly<Record<QuantizedType, number>> = {
  Q4_0: 7.1e-3,
  Q4_1: 5.5e-3,
  Q5_0: 1.8e-3,
  Q5_1: 1.3e-3,
  Q8_0: 3e-5,
  Q2_K: 7.3e-2,
  Q3_K: 2.2e-2,
  Q4_K: 5.4e-3,
  Q5_K: 1.3e-3,
  Q6_K: 3.2e-4,
  IQ4_NL: 5.7e-3,
  IQ4_XS: 5.8e-3,
}

describe.each(quantizedTypes)('the encoder of %s', (type) => {
  const { blockBytes = 1, blockLength = 1 } = tensorType(type) ?? {}

  function encoded(values: Float32Array): Uint8Array {
    const bytes = new Uint8Array((values.length / blockLength) * blockBytes).fill(0xff)
    for (let block = 0; block < values.length / blockLength; block++) {
      const ofBlock = values.subarray(block * blockLength, (block + 1) * blockLength)
      blockEncoders[type](ofBlock, bytes, block * blockBytes)
    }
    return bytes
  }

  function relativeSquaredError(values: Float32Array): number {
    const stored = valuesOf(type, encoded(values))
    let [error, size] = [0, 0]
    values.forEach((value, i) => {
      error += (value - stored[i]) ** 2
      size += value ** 2
    })
    return error / size
  }

  it('comes near to Gaussian numbers of any size, also shifted ones', () => {
    const random = randomNumbers(11)
    const gaussian = (): number =>
      Math.sqrt(-2 * Math.log(1 - random.below(2 ** 24) / 2 ** 24)) * Math.cos(Math.PI * random.symmetric())
    for (const size of [1, 0.02]) {
      const values = new Float32Array(8192).map(() => size * gaussian())
      expect(relativeSquaredError(values)).toBeLessThan(errors[type])
    }
    const shifted = new Float32Array(2048).map(() => 0.2 + 0.02 * gaussian())
    expect(relativeSquaredError(shifted)).toBeLessThan(0.05)
  })

  it('keeps zeros, and blocks that are zero but for one value', () => {
    expect([...valuesOf(type, encoded(new Float32Array(256)))].every((value) => value === 0)).toBe(true)
    const values = new Float32Array(256)
    values[100] = -0.5
    const stored = valuesOf(type, encoded(values))
    expect(Math.abs(stored[100] + 0.5)).toBeLessThan(0.01)
    expect(stored.filter((value) => Math.abs(value) > 0.01)).toHaveLength(1)
  })
})
