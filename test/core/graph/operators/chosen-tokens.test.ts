import { describe, expect, it, onTestFinished } from 'vitest'
import {
  chosenTokens,
  tokenChoiceInputs,
  tokenInputs,
} from '../../../../core/graph/operators/chosen-tokens.js'
import { outerProduct } from '../../../../core/graph/operators/matrix-product.js'
import { Tape } from '../../../../core/graph/tape.js'
import type { Tensor } from '../../../../core/runtime/device.js'
import { openCpuDevice } from '../../../../core/runtime/ort-device.js'
import { randomNumbers } from '../../../support/random-numbers.js'

const [batch, sequence, rows, columns] = [3, 8, 4, 5]

function tensor(shape: readonly number[]): Tensor<'float32'> {
  const length = shape.reduce((product, dimension) => product * dimension, 1)
  return { type: 'float32', data: new Float32Array(length), shape }
}

/** Terms of very different sizes; every fourth token is padding. */
function randomTerms(): { dy: Tensor<'float32'>; x: Tensor<'float32'> } {
  const random = randomNumbers(3)
  const [dy, x] = [tensor([batch, sequence, rows]), tensor([batch, sequence, columns])]
  x.data.forEach((_, i) => (x.data[i] = random.symmetric()))
  dy.data.forEach((_, i) => {
    const token = Math.floor(i / rows)
    dy.data[i] = token % 4 === 3 ? 0 : random.symmetric() * 3 ** (token % 5)
  })
  return { dy, x }
}

/** dW from all tokens and from the chosen ones, and the norms of the chosen dy. */
async function openProduct(): Promise<
  (
    dy: Tensor,
    x: Tensor,
    share: number,
    offset: number,
  ) => Promise<{ whole: Float32Array; part: Float32Array }>
> {
  const tape = new Tape()
  const dy = tape.input('dy', 'float32', ['batch', 'sequence', rows])
  const x = tape.input('x', 'float32', ['batch', 'sequence', columns])
  tape.output('whole', outerProduct(tape, dy, x), 'float32')
  const chosen = chosenTokens(tape, dy, x, tokenChoiceInputs(tape))
  tape.output('part', outerProduct(tape, chosen.gradient, chosen.x), 'float32')
  const session = await openCpuDevice({ threads: 1 }).open(tape.build('chosen'))
  onTestFinished(() => session.close())
  return async (dyTensor, xTensor, share, offset) => {
    const [whole, part] = [tensor([rows, columns]), tensor([rows, columns])]
    const scalar = (value: number): Tensor => ({ type: 'float32', data: Float32Array.of(value), shape: [] })
    const choice = { [tokenInputs.share]: scalar(share), [tokenInputs.offset]: scalar(offset) }
    await session.run({ dy: dyTensor, x: xTensor, ...choice }, { whole, part })
    return { whole: whole.data.slice(), part: part.data.slice() }
  }
}

describe('chosenTokens', () => {
  it.each([0.1, 0.3, 0.6])(
    'is unbiased: over all offsets, %d of the tokens give the whole',
    async (share) => {
      const product = await openProduct()
      const { dy, x } = randomTerms()
      const offsets = 2000
      const sum = new Float64Array(rows * columns)
      let whole: Float32Array = new Float32Array(0)
      let spread = 0
      for (let i = 0; i < offsets; i++) {
        const found = await product(dy, x, share, (i + 0.5) / offsets)
        whole = found.whole
        found.part.forEach((value, at) => (sum[at] += value / offsets))
        spread += squaredDistance(found.part, whole) / offsets
      }
      const size = squaredDistance(whole, new Float32Array(whole.length))
      expect(squaredDistance(sum, whole) / size).toBeLessThan(1e-5)
      // Single draws are not the whole.
      expect(spread / size).toBeGreaterThan(1e-3)
    },
  )

  it('takes every token with weight 1 where all may be taken', async () => {
    const product = await openProduct()
    const { dy, x } = randomTerms()
    const { whole, part } = await product(dy, x, 1, 0.4)
    part.forEach((value, i) => expect(value).toBeCloseTo(whole[i], 3))
  })

  it('always takes the largest, and none twice', async () => {
    const product = await openProduct()
    // Orthogonal terms: a token's share of dW is one number.
    const [dy, x] = [tensor([1, 4, rows]), tensor([1, 4, columns])]
    const sizes = [100, 1, 3, 2]
    sizes.forEach((size, token) => {
      dy.data[token * rows + token] = size
      x.data[token * columns + token] = 1
    })
    const taken = sizes.map(() => 0)
    const offsets = 60
    for (let i = 0; i < offsets; i++) {
      const { part } = await product(dy, x, 0.5, (i + 0.5) / offsets)
      const weights = sizes.map((size, token) => part[token * columns + token] / size)
      expect(weights[0]).toBe(1)
      expect(weights.filter((weight) => weight > 0)).toHaveLength(2)
      weights.forEach((weight, token) => (taken[token] += weight > 0 ? 1 / offsets : 0))
    }
    // Those left share one place by their norms: 1/6, 3/6 and 2/6.
    expect(taken.map((of) => Math.round(of * 60))).toEqual([60, 10, 30, 20])
  })

  it('gives zeros where every gradient is 0', async () => {
    const product = await openProduct()
    const { x } = randomTerms()
    const { part } = await product(tensor([batch, sequence, rows]), x, 0.3, 0.5)
    expect([...part]).toEqual([...new Float32Array(rows * columns)])
  })
})

function squaredDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0)
}
