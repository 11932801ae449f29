import { onTestFinished } from 'vitest'
import { backpropagate } from '../../core/graph/backpropagate.js'
import { Tape, type Value } from '../../core/graph/tape.js'
import type { Tensor, Tensors } from '../../core/runtime/device.js'
import { openCpuDevice } from '../../core/runtime/ort-device.js'
import { gradientError } from './finite-differences.js'
import { randomNumbers } from './random-numbers.js'

/** A differentiable operator in a graph, and the same by its equation in float64. */
export interface OperatorCase {
  /** Shapes of the inputs that have gradients, filled with random numbers in [−1, 1). */
  readonly inputs: Readonly<Record<string, readonly number[]>>
  /** Further inputs, which have none. */
  readonly constants?: Tensors
  readonly outputShape: readonly number[]
  readonly build: (tape: Tape) => Value
  readonly reference: (inputs: Readonly<Record<string, Float64Array>>) => ArrayLike<number>
}

/**
 * The largest errors of an operator's gradients against finite differences of its equation, by input, and that of its
 * output; relative to the largest value of each.
 */
export async function operatorErrors(operator: OperatorCase): Promise<Readonly<Record<string, number>>> {
  const { inputs, constants = {}, outputShape, build, reference } = operator
  const random = randomNumbers(5)
  const randomTensor = (shape: readonly number[]): Tensor<'float32'> => {
    const data = new Float32Array(length(shape)).map(() => random.symmetric())
    return { type: 'float32', data, shape }
  }
  const names = Object.keys(inputs)
  const tensors = names.map((name) => [name, randomTensor(inputs[name])] as const)
  const gradient = randomTensor(outputShape)

  const tape = new Tape()
  for (const [name, { type, shape }] of [...tensors, ...Object.entries(constants)])
    tape.input(name, type, shape)
  const output = build(tape)
  tape.output('output', output, 'float32')
  const gradients = backpropagate(tape, output, tape.input('outputGradient', 'float32', outputShape), names)
  for (const [name, value] of gradients) tape.output(`gradient.${name}`, value, 'float32')
  const session = await openCpuDevice({ threads: 1 }).open(tape.build('operator'))
  onTestFinished(() => session.close())

  const found = { output: emptyTensor(outputShape) }
  const foundGradients = names.map((name) => [`gradient.${name}`, emptyTensor(inputs[name])] as const)
  const feeds = { ...Object.fromEntries(tensors), ...constants, outputGradient: gradient }
  await session.run(feeds, { ...found, ...Object.fromEntries(foundGradients) })

  const values = Object.fromEntries(tensors.map(([name, { data }]) => [name, Float64Array.from(data)]))
  const loss = (): number =>
    Array.from(reference(values)).reduce((sum, value, index) => sum + value * gradient.data[index], 0)
  return {
    output: largestError(found.output.data, reference(values)),
    ...Object.fromEntries(
      names.map((name, index) => [
        name,
        gradientError(loss, values[name], foundGradients[index][1].data, random, 6),
      ]),
    ),
  }
}

function emptyTensor(shape: readonly number[]): Tensor<'float32'> {
  return { type: 'float32', data: new Float32Array(length(shape)), shape }
}

function length(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1)
}

function largestError(found: Float32Array, expected: ArrayLike<number>): number {
  const values = Array.from(expected)
  const size = Math.max(...values.map(Math.abs))
  return Math.max(...values.map((value, index) => Math.abs(value - found[index]))) / size
}

/** Whether all errors are below `limit`; none is below anything where it is not a number. */
export function allBelow(limit: number): (errors: Readonly<Record<string, number>>) => boolean {
  return (errors) => Object.values(errors).every((error) => error < limit)
}
