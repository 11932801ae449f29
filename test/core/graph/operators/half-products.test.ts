import { expect, it } from 'vitest'
import { backpropagate } from '../../../../core/graph/backpropagate.js'
import { halved } from '../../../../core/graph/operators/half-floats.js'
import { halfMatrixProduct } from '../../../../core/graph/operators/matrix-product.js'
import { quantizedProduct } from '../../../../core/graph/operators/quantized-product.js'
import { Tape } from '../../../../core/graph/tape.js'
import { openCpuDevice } from '../../../../core/runtime/ort-device.js'
import { operatorErrors } from '../../../support/operator-gradients.js'
import { randomNumbers } from '../../../support/random-numbers.js'

const [rows, columns, blockSize] = [7, 64, 32]
const inputShape = [2, 3, columns]
const outputShape = [2, 3, rows]
const blocks = columns / blockSize

/** Half floats have 11 significant bits; sums of 64 products of them are this exact. */
const rounding = 2e-3

function product(x: Float64Array, weights: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: 6 * rows }, (_, i) => {
    const [token, row] = [Math.floor(i / rows), i % rows]
    let sum = 0
    for (let k = 0; k < columns; k++) sum += x[token * columns + k] * weights[row * columns + k]
    return sum
  })
}

/** Whether a result was rounded to half floats, and not more. */
function expectHalves(error: number): void {
  expect(error).toBeGreaterThan(2e-5)
  expect(error).toBeLessThan(rounding)
}

it.each([
  [4, true],
  [8, true],
  [8, false],
] as const)(
  'a product with %d-bit codes, zero points %s, is as exact as half floats',
  async (bits, hasPoints) => {
    const random = randomNumbers(bits)
    const bytes = new Uint8Array((rows * columns * bits) / 8).map(() => random.below(256))
    const codeOf = (index: number): number =>
      bits === 8 ? bytes[index] : (bytes[index >> 1] >> (4 * (index & 1))) & 15
    const errors = await operatorErrors({
      inputs: { x: inputShape, scales: [rows, blocks], ...(hasPoints && { zeroPoints: [rows, blocks] }) },
      constants: { codes: { type: 'uint8', data: bytes, shape: [rows, blocks, (blockSize * bits) / 8] } },
      outputShape,
      build: (tape) =>
        quantizedProduct(
          tape,
          'x',
          'weights',
          {
            ...{ rows, columns, bits, blockSize, codes: 'codes', scales: 'scales', values: null },
            zeroPoints: hasPoints ? 'zeroPoints' : null,
          },
          { precision: 'float16', tokens: null },
        ),
      reference: ({ x, scales, zeroPoints }) => {
        const weights = Float64Array.from({ length: rows * columns }, (_, index) => {
          const block = Math.floor(index / blockSize)
          return (codeOf(index) - (hasPoints ? zeroPoints[block] : 2 ** (bits - 1))) * scales[block]
        })
        return product(x, weights)
      },
    })
    expectHalves(errors.output)
    expectHalves(errors.x)
    // Gradients of the matrix are sums over many tokens, and stay in floats.
    expect(errors.scales).toBeLessThan(2e-6)
    if (hasPoints) expect(errors.zeroPoints).toBeLessThan(2e-6)
  },
)

it('a product with floats is rounded where they go in, and its gradient for them is not', async () => {
  const errors = await operatorErrors({
    inputs: { x: inputShape, weights: [rows, columns] },
    outputShape,
    build: (tape) => halfMatrixProduct(tape, 'x', halved(tape, 'weights', 2), 'weights'),
    reference: ({ x, weights }) => product(x, weights),
  })
  expectHalves(errors.output)
  expectHalves(errors.x)
  expect(errors.weights).toBeLessThan(1e-6)
})

it('gradients below the smallest half float are lost in a product, and those above the largest are no longer numbers', async () => {
  const tape = new Tape()
  tape.input('x', 'float32', [1, 1, 2])
  tape.input('weights', 'float32', [2, 2])
  const y = halfMatrixProduct(tape, 'x', halved(tape, 'weights', 2), 'weights')
  const [ofX] = backpropagate(tape, y, tape.input('dy', 'float32', [1, 1, 2]), ['x']).values()
  tape.output('dx', ofX, 'float32')
  const session = await openCpuDevice({ threads: 1 }).open(tape.build('underflow'))
  const dx = async (gradient: number): Promise<number[]> => {
    const float = (data: Float32Array, shape: number[]) => ({ type: 'float32', data, shape }) as const
    const found = float(new Float32Array(2), [1, 1, 2])
    const x = float(Float32Array.of(1, 1), [1, 1, 2])
    const weights = float(Float32Array.of(1, 0, 0, 2), [2, 2])
    const dy = float(new Float32Array(2).fill(gradient), [1, 1, 2])
    await session.run({ x, weights, dy }, { dx: found })
    return [...found.data]
  }
  expect(await dx(2 ** -26)).toEqual([0, 0])
  expect(await dx(2 ** -10)).toEqual([2 ** -10, 2 ** -9])
  // An infinity times a weight of 0 is not a number.
  expect(await dx(2 ** 16)).toEqual([NaN, NaN])
  await session.close()
})
