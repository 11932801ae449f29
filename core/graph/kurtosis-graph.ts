import { Tape, type Value } from './tape.js'

/** That of numbers that are spread evenly around 0. Source: 9/5, the fourth moment of a uniform distribution over its squared second. */
export const evenKurtosis = 1.8

/**
 * The graph of how far the kurtosis of turned samples is from that of evenly spread numbers, and of the slope of that along turns.
 *
 *   Y = X R    κₜ = mean(yₜ⁴)    loss = mean over t of (κₜ − 1.8)²
 *   S = YᵀZ − ZᵀY with Z = (8 / (n d)) (κₜ − 1.8) yₜ³
 *
 * S is the derivative of the loss at R exp(A), A skew, in the metric of ⟨A, B⟩ = ½ Σ A ∘ B: stepping to R exp(−ηS) lowers it. The moments
 * are about 0, as the codes of activations are.
 *
 * Source: KurTail, Akhondzadeh et al. 2025, arXiv:2503.01483.
 *
 * Inputs: `samples` [n, d], whose rows have a mean square of 1; `rotation` [d, d]. Outputs: `loss`, a scalar; `kurtosis`, the mean of
 * κₜ; `slope` [d, d].
 */
export function buildKurtosisGraph(): Uint8Array {
  const tape = new Tape()
  const samples = tape.input('samples', 'float32', ['n', 'd'])
  const rotation = tape.input('rotation', 'float32', ['d', 'd'])
  const y = tape.node('MatMul', [samples, rotation])
  const squares = tape.node('Mul', [y, y])
  const fourths = tape.node('Mul', [squares, squares])
  const kurtosis = tape.node('ReduceMean', [fourths, tape.int64([1])], { keepdims: 1 })
  const excess = tape.node('Sub', [kurtosis, tape.float32(evenKurtosis)])
  const meanOfAll = (value: Value): Value => tape.node('ReduceMean', [value], { keepdims: 0 })
  tape.output('loss', meanOfAll(tape.node('Mul', [excess, excess])), 'float32', [])
  tape.output('kurtosis', meanOfAll(kurtosis), 'float32', [])
  const size = tape.node('Cast', [tape.node('Size', [samples])], { to: 1 })
  const weight = tape.node('Mul', [tape.node('Div', [excess, size]), tape.float32(8)])
  const z = tape.node('Mul', [tape.node('Mul', [squares, y]), weight])
  const product = tape.node('FusedMatMul', [y, z], { transA: 1 }, { domain: 'com.microsoft' })
  const turned = tape.node('Transpose', [product], { perm: [1, 0] })
  tape.output('slope', tape.node('Sub', [product, turned]), 'float32', ['d', 'd'])
  return tape.build('kurtosis')
}
