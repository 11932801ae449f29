import { expect, it } from 'vitest'
import {
  add,
  addBias,
  multiply,
  multiplyChannels,
  scale,
} from '../../../../core/graph/operators/elementwise.js'
import { gelu } from '../../../../core/graph/operators/gelu.js'
import { silu } from '../../../../core/graph/operators/silu.js'
import { softCap } from '../../../../core/graph/operators/soft-cap.js'
import { allBelow, operatorErrors } from '../../../support/operator-gradients.js'

const shape = [2, 3, 5]

it('a sum passes its gradient to both sides', async () => {
  const errors = await operatorErrors({
    inputs: { x: shape, y: shape },
    outputShape: shape,
    build: (tape) => add(tape, 'x', 'y'),
    reference: ({ x, y }) => x.map((value, i) => value + y[i]),
  })
  expect(errors).toSatisfy(allBelow(1e-6))
})

it('a product passes its gradient times the other side', async () => {
  const errors = await operatorErrors({
    inputs: { x: shape, y: shape },
    outputShape: shape,
    build: (tape) => multiply(tape, 'x', 'y'),
    reference: ({ x, y }) => x.map((value, i) => value * y[i]),
  })
  expect(errors).toSatisfy(allBelow(1e-6))
})

it('a value with itself gets both gradients', async () => {
  const errors = await operatorErrors({
    inputs: { x: shape },
    outputShape: shape,
    build: (tape) => multiply(tape, 'x', add(tape, 'x', 'x')),
    reference: ({ x }) => x.map((value) => 2 * value ** 2),
  })
  expect(errors).toSatisfy(allBelow(1e-6))
})

it('factors and biases of channels gather their gradients over all tokens', async () => {
  const errors = await operatorErrors({
    inputs: { x: shape, factors: [1, 1, 5], bias: [5] },
    outputShape: shape,
    build: (tape) => addBias(tape, multiplyChannels(tape, 'x', 'factors'), 'bias'),
    reference: ({ x, factors, bias }) => x.map((value, i) => value * factors[i % 5] + bias[i % 5]),
  })
  expect(errors).toSatisfy(allBelow(1e-6))
})

it('the gradient of x · σ(x) is that of its equation', async () => {
  const errors = await operatorErrors({
    inputs: { x: shape },
    outputShape: shape,
    build: (tape) => silu(tape, 'x'),
    reference: ({ x }) => x.map((value) => value / (1 + Math.exp(-value))),
  })
  expect(errors).toSatisfy(allBelow(1e-6))
})

it('the gradient of the gelu of tanh is that of its equation', async () => {
  const errors = await operatorErrors({
    inputs: { x: shape },
    outputShape: shape,
    build: (tape) => gelu(tape, scale(tape, 'x', 3)),
    reference: ({ x }) =>
      x
        .map((value) => 3 * value)
        .map(
          (value) => (value / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (value + 0.044715 * value ** 3))),
        ),
  })
  expect(errors).toSatisfy(allBelow(2e-6))
})

it('a soft cap flattens its gradient', async () => {
  const errors = await operatorErrors({
    inputs: { x: shape },
    outputShape: shape,
    build: (tape) => softCap(tape, scale(tape, 'x', 4), 1.5),
    reference: ({ x }) => x.map((value) => 1.5 * Math.tanh((4 * value) / 1.5)),
  })
  expect(errors).toSatisfy(allBelow(2e-6))
})
