import { describe, expect, it } from 'vitest'
import { keepsBlocks } from '../../../core/quantization/encode-matrix.js'
import { fitBlock } from '../../../core/quantization/fit-block.js'
import { addToMatrix } from '../../../core/quantization/fit-matrix.js'
import { dequantizeRow } from '../../../core/quantization/dequantize-row.js'
import { readMatrix } from '../../../core/quantization/read-matrix.js'
import { bytesSource } from '../../../core/formats/byte-source.js'
import { readableTypes, type ReadableType } from '../../../core/formats/gguf/tensor-types.js'
import type { Matrix } from '../../../core/quantization/matrix.js'
import { randomNumbers } from '../../support/random-numbers.js'
import { randomTensorBytes } from '../../support/random-tensor.js'

const withMinimum = { largest: 15, middle: null }
const symmetric = { largest: 15, middle: 8 }

describe('fitting a block', () => {
  it('finds a grid that values lie on, without an error', () => {
    const codes = Float32Array.from({ length: 32 }, (_, i) => (i * 7) % 16)
    const lifted = fitBlock(
      codes.map((code) => 0.125 * code - 0.5),
      withMinimum,
      [],
    )
    expect(lifted).toMatchObject({ scale: 0.125, minimum: -0.5, error: 0 })
    const centered = fitBlock(
      codes.map((code) => -0.25 * (code - 8)),
      symmetric,
      [],
    )
    expect(centered).toMatchObject({ scale: -0.25, minimum: 2, error: 0 })
    expect([...centered.codes]).toEqual([...codes])
  })

  it('is never worse than a start that it is given', () => {
    const random = randomNumbers(5)
    for (let trial = 0; trial < 50; trial++) {
      const values = new Float32Array(32).map(() => random.symmetric() ** 3)
      for (const range of [withMinimum, symmetric]) {
        const free = fitBlock(values, range, [])
        const again = fitBlock(values, range, [free])
        expect(again.error).toBeLessThanOrEqual(free.error)
      }
    }
  })

  it('gives a block of equal values that value', () => {
    const { scale, minimum } = fitBlock(new Float32Array(32).fill(0.75), withMinimum, [])
    expect([scale, minimum]).toEqual([0, 0.75])
    const { codes, ...zeros } = fitBlock(new Float32Array(32), symmetric, [])
    expect(zeros.error).toBe(0)
    expect(codes).toHaveLength(32)
  })
})

/** The others are fitted to floats when they are written: see `encodeRows`. */
const typesOfBlocks = readableTypes.filter((type) =>
  keepsBlocks({ name: 'w', type, shape: [], byteLength: 0 }),
)

describe.each(typesOfBlocks)('adding to a matrix of type %s', (type) => {
  it('nothing changes none of its values', () => {
    const matrix = make(type)
    expect(valuesOf(addToMatrix(matrix, () => undefined))).toEqual(valuesOf(matrix))
  })

  it('a little comes as near as its type can', () => {
    const matrix = make(type)
    const random = randomNumbers(3)
    const added = new Float32Array(192).map(() => 0.02 * random.symmetric())
    const found = valuesOf(
      addToMatrix(matrix, (row, values) => {
        for (let i = 0; i < 64; i++) values[i] += added[row * 64 + i]
      }),
    )
    const expected = valuesOf(matrix).map((value, i) => value + added[i])
    const error = Math.sqrt(found.reduce((sum, value, i) => sum + (value - expected[i]) ** 2, 0) / 192)
    // A twelfth of a squared step of 0.4 / 15, and for floats nothing.
    const limit = type.startsWith('Q4') ? 0.4 / 15 / Math.sqrt(12) : type === 'Q8_0' ? 0.4 / 255 : 1e-8
    expect(error).toBeLessThan(1.1 * limit)
  })
})

function make(type: ReadableType): Matrix {
  const bytes = randomTensorBytes(randomNumbers(9), type, 192, { magnitude: 0.2, center: 0 })
  const tensor = { name: 'w', type, shape: [3, 64], byteLength: bytes.byteLength, offset: 0 }
  return readMatrix(bytesSource(bytes, 'made'), tensor)
}

function valuesOf(matrix: Matrix): Float32Array {
  const values = new Float32Array(192)
  for (let row = 0; row < 3; row++) dequantizeRow(matrix, row, values, row * 64)
  return values
}
