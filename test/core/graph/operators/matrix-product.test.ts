import { expect, it } from 'vitest'
import { matrixProduct } from '../../../../core/graph/operators/matrix-product.js'
import { quantizedProduct } from '../../../../core/graph/operators/quantized-product.js'
import { codeTable } from '../../../../core/quantization/code-tables/code-table.js'
import { allBelow, operatorErrors } from '../../../support/operator-gradients.js'
import { randomNumbers } from '../../../support/random-numbers.js'

const [tokens, rows, columns, blockSize] = [6, 7, 64, 32]
const inputShape = [2, 3, columns]
const outputShape = [2, 3, rows]

/** scale · x Wᵀ */
function product(x: Float64Array, weights: Float64Array, scale = 1): Float64Array {
  const result = new Float64Array(tokens * rows)
  for (let i = 0; i < result.length; i++) {
    const [token, row] = [Math.floor(i / rows), i % rows]
    for (let k = 0; k < columns; k++) result[i] += scale * x[token * columns + k] * weights[row * columns + k]
  }
  return result
}

it('the gradients of a scaled matrix product are products with its other side', async () => {
  const errors = await operatorErrors({
    inputs: { x: inputShape, weights: [rows, columns] },
    outputShape,
    build: (tape) => matrixProduct(tape, 'x', 'weights', 0.25),
    reference: ({ x, weights }) => product(x, weights, 0.25),
  })
  expect(errors).toSatisfy(allBelow(1e-6))
})

it.each([4, 8] as const)(
  'a product with %d-bit codes has gradients for inputs, scales and zero points',
  async (bits) => {
    const random = randomNumbers(bits)
    const bytes = new Uint8Array((rows * columns * bits) / 8).map(() => random.below(256))
    const blocks = columns / blockSize
    const points = bits === 4 ? { zeroPoints: [rows, blocks] } : {}
    const codeOf = (index: number): number =>
      bits === 8 ? bytes[index] : (bytes[index >> 1] >> (4 * (index & 1))) & 15
    const errors = await operatorErrors({
      inputs: { x: inputShape, scales: [rows, blocks], ...points },
      constants: { codes: { type: 'uint8', data: bytes, shape: [rows, blocks, (blockSize * bits) / 8] } },
      outputShape,
      build: (tape) =>
        quantizedProduct(tape, 'x', 'weights', {
          ...{ rows, columns, bits, blockSize, codes: 'codes', scales: 'scales', values: null },
          zeroPoints: bits === 4 ? 'zeroPoints' : null,
        }),
      reference: ({ x, scales, zeroPoints }) => {
        const weights = Float64Array.from({ length: rows * columns }, (_, index) => {
          const block = Math.floor(index / blockSize)
          return (codeOf(index) - (bits === 4 ? zeroPoints[block] : 128)) * scales[block]
        })
        return product(x, weights)
      },
    })
    expect(errors).toSatisfy(allBelow(2e-6))
  },
)

it.each([0, 5])(
  'a product with codes of a table, and %d outliers, has gradients for inputs and scales',
  async (outlierCount) => {
    const random = randomNumbers(6)
    const codes = new Uint8Array((rows * columns) / 2).map(() => random.below(256))
    const blocks = columns / blockSize
    const levels = codeTable('bof4-s', blockSize)
    const values = new Float32Array(outlierCount).map(() => 3 * random.symmetric())
    const positions = Int32Array.from(values, (_, i) => 11 * i * i + i)
    const errors = await operatorErrors({
      inputs: { x: inputShape, scales: [rows, blocks] },
      constants: {
        codes: { type: 'uint8', data: codes, shape: [rows, blocks, blockSize / 2] },
        positions: { type: 'int32', data: positions, shape: [outlierCount] },
        values: { type: 'float32', data: values, shape: [outlierCount] },
      },
      outputShape,
      build: (tape) =>
        quantizedProduct(tape, 'x', 'weights', {
          ...{ rows, columns, bits: 4, blockSize, codes: 'codes', scales: 'scales' },
          ...{ values: null, zeroPoints: null },
          lookup: { levels, outliers: { positions: 'positions', values: 'values' } },
        }),
      reference: ({ x, scales }) => {
        const weights = Float64Array.from({ length: rows * columns }, (_, index) => {
          const outlier = values[positions.indexOf(index)] as number | undefined
          const level = outlier ?? levels[(codes[index >> 1] >> (4 * (index & 1))) & 15]
          return level * scales[Math.floor(index / blockSize)]
        })
        return product(x, weights)
      },
    })
    expect(errors).toSatisfy(allBelow(2e-6))
  },
)
