import { describe, expect, it } from 'vitest'
import { backpropagate } from '../../../core/graph/backpropagate.js'
import { Tape, type Value } from '../../../core/graph/tape.js'

/** y = x · 2, whose gradient is asked for only through `asked`. */
function doubled(tape: Tape, x: Value, asked: Value[]): Value {
  const y = tape.node('Add', [x, x])
  return tape.differentiable(y, [x], (gradient) => [
    () => {
      asked.push(x)
      return tape.node('Add', [gradient, gradient])
    },
  ])
}

describe('the reverse sweep', () => {
  it('asks no operator for gradients that lead to nothing wanted', () => {
    const tape = new Tape()
    const asked: Value[] = []
    const [wanted, frozen] = [tape.input('wanted', 'float32', [1]), tape.input('frozen', 'float32', [1])]
    const below = doubled(tape, frozen, asked)
    const sum = tape.node('Add', [doubled(tape, wanted, asked), below])
    tape.differentiable(sum, ['Add_1', below], (gradient) => [() => gradient, () => gradient])
    expect(backpropagate(tape, sum, 'outputGradient', ['wanted']).size).toBe(1)
    expect(asked).toEqual(['wanted'])
  })

  it('stops at a wanted value in the middle', () => {
    const tape = new Tape()
    const asked: Value[] = []
    const middle = doubled(tape, tape.input('x', 'float32', [1]), asked)
    const output = doubled(tape, middle, asked)
    const gradients = backpropagate(tape, output, 'outputGradient', [middle])
    expect([...gradients.keys()]).toEqual([middle])
    expect(asked).toEqual([middle])
  })

  it('gives the output its own gradient', () => {
    const tape = new Tape()
    const x = tape.input('x', 'float32', [1])
    expect(backpropagate(tape, x, 'outputGradient', [x]).get(x)).toBe('outputGradient')
  })

  it('refuses a value that the output does not depend on', () => {
    const tape = new Tape()
    const output = doubled(tape, tape.input('x', 'float32', [1]), [])
    expect(() => backpropagate(tape, output, 'outputGradient', ['elsewhere'])).toThrow("'elsewhere'")
  })
})
