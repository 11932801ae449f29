import { expect, it } from 'vitest'
import { add } from '../../../../core/graph/operators/elementwise.js'
import { headNorm } from '../../../../core/graph/operators/head-norm.js'
import { layerNorm } from '../../../../core/graph/operators/layer-norm.js'
import { addAndNorm, rmsNorm } from '../../../../core/graph/operators/rms-norm.js'
import { allBelow, operatorErrors } from '../../../support/operator-gradients.js'

const width = 8
const shape = [2, 3, width]
const epsilon = 0.01

function normed(x: Float64Array, weight: Float64Array): Float64Array {
  return x.map((value, index) => {
    const first = index - (index % width)
    const token = x.subarray(first, first + width)
    const power = token.reduce((sum, each) => sum + each ** 2, 0) / width
    return (value / Math.sqrt(power + epsilon)) * weight[index % width]
  })
}

it('the gradients of a root mean square norm are those of its equation', async () => {
  const errors = await operatorErrors({
    inputs: { x: shape, weight: [width] },
    outputShape: shape,
    build: (tape) => rmsNorm(tape, 'x', 'weight', epsilon),
    reference: ({ x, weight }) => normed(x, weight),
  })
  expect(errors).toSatisfy(allBelow(2e-6))
})

it('a residual sum and its norm give both their gradients to both terms', async () => {
  const errors = await operatorErrors({
    inputs: { x: shape, y: shape, weight: [width] },
    outputShape: shape,
    build: (tape) => add(tape, ...addAndNorm(tape, 'x', 'y', 'weight', epsilon)),
    reference: ({ x, y, weight }) => {
      const sum = x.map((value, i) => value + y[i])
      return normed(sum, weight).map((value, i) => value + sum[i])
    },
  })
  expect(errors).toSatisfy(allBelow(2e-6))
})

it('the norm of each head has the gradients of its equation, its weight over all heads', async () => {
  const errors = await operatorErrors({
    inputs: { x: [2, 3, 3 * width], weight: [width] },
    outputShape: [2, 3, 3 * width],
    build: (tape) => headNorm(tape, 'x', 'weight', { heads: 3, headWidth: width, epsilon }),
    reference: ({ x, weight }) => normed(x, weight),
  })
  expect(errors).toSatisfy(allBelow(2e-6))
})

it('the gradients of a layer norm are those of its equation', async () => {
  const errors = await operatorErrors({
    inputs: { x: shape, weight: [width], bias: [width] },
    outputShape: shape,
    build: (tape) => layerNorm(tape, 'x', 'weight', 'bias', epsilon),
    reference: ({ x, weight, bias }) => {
      const centered = x.map((value, index) => {
        const first = index - (index % width)
        return value - x.subarray(first, first + width).reduce((sum, each) => sum + each, 0) / width
      })
      return normed(centered, weight).map((value, index) => value + bias[index % width])
    },
  })
  expect(errors).toSatisfy(allBelow(2e-6))
})
