import type { Tape, Value } from '../tape.js'
import { outerProduct } from './matrix-product.js'
import { floatCodes, interleaved, unpackedPieces, type QuantizedValues } from './unpack.js'

/**
 * y = x Wᵀ with W = (codes − zeroPoints) ∘ scales, a zero point and a scale for each block of columns.
 *
 * dx = dy W, with W unpacked in the graph; dW = dyᵀ x, summed over batch and sequence;
 * dscale = Σ over the block of dW ∘ (code − zeroPoint); dzeroPoint = −scale · Σ over the block of dW.
 *
 * @param weights the name under which the gradient of W may be asked for; no such value is in the graph
 * @param x shape [batch, sequence, columns]
 * @returns shape [batch, sequence, rows]
 */
export function quantizedProduct(tape: Tape, x: Value, weights: Value, matrix: QuantizedValues): Value {
  const { rows, columns, bits, blockSize, codes, scales, zeroPoints } = matrix
  // Level 1 is fp32; level 4 (int8) is silently wrong where scales are not constants.
  const attributes = { K: columns, N: rows, bits, block_size: blockSize, accuracy_level: 1 }
  const inputs = [x, codes, scales, ...(zeroPoints === null ? [] : [zeroPoints])]
  const y = tape.node('MatMulNBits', inputs, attributes, { domain: 'com.microsoft' })
  const trained = [x, weights, scales, ...(zeroPoints === null ? [] : [zeroPoints])]
  return tape.differentiable(y, trained, (gradient) => [
    () => {
      const pieces = unpackedPieces(tape, matrix).map((piece) => tape.node('MatMul', [gradient, piece]))
      return interleaved(tape, pieces, columns)
    },
    () => outerProduct(tape, gradient, x),
    () => scaleGradient(tape, gradient, x, matrix),
    () => {
      const sums = blockSumGradient(tape, gradient, x, matrix)
      return tape.node('Neg', [tape.node('Mul', [scales, sums])])
    },
  ])
}

/** Σ over each block of dW ∘ (code − zeroPoint), shape [rows, blocks]; dW exists for one code of a byte at a time. */
function scaleGradient(tape: Tape, gradient: Value, x: Value, matrix: QuantizedValues): Value {
  const { rows, columns, bits, blockSize, zeroPoints } = matrix
  const blocks = columns / blockSize
  const byBlock = tape.int64([rows, blocks, (blockSize * bits) / 8])
  const codes = floatCodes(tape, matrix)
  const products = everyNth(tape, x, codes.length, columns).map((inputs, piece) => {
    const byCode = tape.node('Reshape', [outerProduct(tape, gradient, inputs), byBlock])
    return tape.node('ReduceSum', [tape.node('Mul', [byCode, codes[piece]]), tape.int64([-1])], {
      keepdims: 0,
    })
  })
  const whole = products.reduce((sum, product) => tape.node('Add', [sum, product]))
  const middle = zeroPoints ?? tape.float32(2 ** (bits - 1))
  return tape.node('Sub', [whole, tape.node('Mul', [middle, blockSumGradient(tape, gradient, x, matrix)])])
}

/** Σ over each block of dW = dyᵀ · (sums of each block of x), shape [rows, blocks]. */
function blockSumGradient(
  tape: Tape,
  gradient: Value,
  x: Value,
  { columns, blockSize }: QuantizedValues,
): Value {
  return outerProduct(tape, gradient, blockSums(tape, x, columns / blockSize, blockSize))
}

/** Sums of each block of inputs, shape [batch, sequence, blocks]. */
export function blockSums(tape: Tape, x: Value, blocks: number, blockSize: number): Value {
  const byBlock = tape.node('Reshape', [x, tape.int64([0, 0, blocks, blockSize])])
  return tape.node('ReduceSum', [byBlock, tape.int64([-1])], { keepdims: 0 })
}

/** The columns 0, n, 2n …, then 1, n + 1 … of x, as `floatCodes` parts them. */
function everyNth(tape: Tape, x: Value, n: number, columns: number): Value[] {
  if (n === 1) return [x]
  return Array.from({ length: n }, (_, first) =>
    tape.node('Slice', [x, tape.int64([first]), tape.int64([columns]), tape.int64([-1]), tape.int64([n])]),
  )
}
