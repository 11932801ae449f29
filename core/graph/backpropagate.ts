import type { Tape, Value } from './tape.js'

/**
 * Adds the nodes of a reverse sweep to a tape: the gradients of L with respect to `wanted`, given that with respect to
 * `output`. A value takes part only if a wanted one lies below it, so frozen weights cost nothing.
 *
 * Source: Griewank and Walther 2008, Evaluating Derivatives, chapter 3.2.
 *
 * @returns the gradient of each wanted value, in the value's own shape
 */
export function backpropagate(
  tape: Tape,
  output: Value,
  outputGradient: Value,
  wanted: readonly Value[],
): ReadonlyMap<Value, Value> {
  const steps = [...tape.steps]
  const needed = new Set(wanted)
  for (const step of steps) {
    if (step.inputs.some((input) => needed.has(input))) needed.add(step.output)
  }
  const gradients = new Map([[output, outputGradient]])
  const contribute = (input: Value, gradient: () => Value): void => {
    const other = gradients.get(input)
    gradients.set(input, other === undefined ? gradient() : tape.node('Add', [other, gradient()]))
  }
  const isResult = new Set(steps.map((step) => step.output))
  const ends: (() => void)[] = []
  for (const step of steps.reverse()) {
    const gradient = gradients.get(step.output)
    if (gradient === undefined || !needed.has(step.output)) continue
    const pulled = step.pullback(gradient)
    step.inputs.forEach((input, index) => {
      if (!needed.has(input)) return
      if (isResult.has(input)) contribute(input, pulled[index])
      else ends.push(() => contribute(input, pulled[index]))
    })
  }
  // The runtime starts from the last node that nothing follows. In this order it reduces each gradient of a parameter as soon
  // as it can, and frees what it was made of; otherwise all of that lives until the sweep is over.
  for (const end of ends.reverse()) end()
  return new Map(
    wanted.map((name) => [
      name,
      gradients.get(name) ?? missing(`no path leads from '${output}' to '${name}'`),
    ]),
  )
}

function missing(reason: string): never {
  throw new Error(`a gradient was asked for, but ${reason}`)
}
