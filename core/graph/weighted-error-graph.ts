import { Tape } from './tape.js'

/**
 * The graph of tr(Δ H Δᵀ): how far the outputs of a linear move, squared and summed over the inputs that H = Σ x xᵀ is of, where its
 * weights move by Δ.
 *
 * Inputs: `difference` [rows, columns], `moments` [columns, columns]. Output: `error`, a scalar.
 */
export function buildWeightedErrorGraph(): Uint8Array {
  const tape = new Tape()
  const difference = tape.input('difference', 'float32', ['rows', 'columns'])
  const moments = tape.input('moments', 'float32', ['columns', 'columns'])
  const product = tape.node('MatMul', [difference, moments])
  const products = tape.node('Mul', [product, difference])
  tape.output('error', tape.node('ReduceSum', [products], { keepdims: 0 }), 'float32', [])
  return tape.build('weighted-error')
}
