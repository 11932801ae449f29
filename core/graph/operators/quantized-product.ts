import type { Precision } from '../../schema/precision.js'
import type { Tape, Value } from '../tape.js'
import { chosenTokens, type TokenChoice } from './chosen-tokens.js'
import { halfProduct, halved, widened } from './half-floats.js'
import { outerProduct } from './matrix-product.js'
import { centeredCodes, interleaved, unpackedPieces, type QuantizedValues } from './unpack.js'

/** How a product and its gradients are computed. */
export interface ProductOptions {
  readonly precision: Precision
  /** From which tokens dW, and with it dscale and dzeroPoint, are estimated; null for all. */
  readonly tokens: TokenChoice | null
}

/**
 * y = x Wᵀ with W = (codes − zeroPoints) ∘ scales, a zero point and a scale for each block of columns; or W = levels ∘ scales.
 *
 * dx = dy W; dW = dyᵀ x, summed over batch and sequence; dscale = Σ over the block of dW ∘ (code − zeroPoint), or dW ∘ level;
 * dzeroPoint = −scale · Σ over the block of dW.
 *
 * In float16, the operands of x Wᵀ and dy W are half floats, but for what zero points add to y; W is unpacked in floats and
 * then rounded. Gradients of the matrix are products in floats.
 *
 * @param weights the name under which the gradient of W may be asked for, also where no such value is in the graph
 * @param x shape [batch, sequence, columns]
 * @returns shape [batch, sequence, rows]
 */
export function quantizedProduct(
  tape: Tape,
  x: Value,
  weights: Value,
  matrix: QuantizedValues,
  { precision, tokens }: ProductOptions = { precision: 'float32', tokens: null },
): Value {
  const { scales, zeroPoints, values } = matrix
  const y = values === null ? productWithCodes(tape, x, matrix, precision) : productWith(tape, x, values)
  const trained = [x, weights, scales, ...(zeroPoints === null ? [] : [zeroPoints])]
  return tape.differentiable(y, trained, (gradient) => {
    const terms = once(() => (tokens === null ? { gradient, x } : chosenTokens(tape, gradient, x, tokens)))
    return [
      () => inputGradient(tape, gradient, matrix, precision),
      () => outerProduct(tape, terms().gradient, terms().x),
      () => scaleGradient(tape, terms().gradient, terms().x, matrix),
      () => {
        const sums = blockSumGradient(tape, terms().gradient, terms().x, matrix)
        return tape.node('Neg', [tape.node('Mul', [scales, sums])])
      },
    ]
  })
}

function once<Result>(make: () => Result): () => Result {
  let made: Result | null = null
  return () => (made ??= make())
}

/**
 * The kernels for 8 bits and for half floats take no zero points that are floats:
 * (code − z)·d = (code − middle)·d + (middle − z)·d, middle = 2^(bits − 1).
 */
function productWithCodes(tape: Tape, x: Value, matrix: QuantizedValues, precision: Precision): Value {
  if (matrix.lookup !== undefined) return productWithLookup(tape, x, matrix, precision)
  const { columns, bits, blockSize, scales, zeroPoints } = matrix
  const inKernel = precision === 'float16' ? halfProductInKernel : productInKernel
  if (zeroPoints === null || (bits === 4 && precision === 'float32')) return inKernel(tape, x, matrix)
  const product = inKernel(tape, x, { ...matrix, zeroPoints: null })
  const offsets = tape.node('Mul', [tape.node('Sub', [tape.float32(2 ** (bits - 1)), zeroPoints]), scales])
  const sums = blockSums(tape, x, columns / blockSize, blockSize)
  return tape.node('Add', [product, productWith(tape, sums, offsets)])
}

/** No kernel looks codes up: W is unpacked in the graph. */
function productWithLookup(tape: Tape, x: Value, matrix: QuantizedValues, precision: Precision): Value {
  const [values] = unpackedPieces(tape, matrix, x)
  if (precision === 'float32') return productWith(tape, x, values)
  return halfProduct(tape, x, tape.node('Transpose', [halved(tape, values, 2)], { perm: [1, 0] }))
}

function halfProductInKernel(tape: Tape, x: Value, matrix: QuantizedValues): Value {
  const scales = halved(tape, matrix.scales, 2)
  return widened(tape, productInKernel(tape, halved(tape, x, 3), { ...matrix, scales }), 3)
}

function productInKernel(tape: Tape, x: Value, matrix: QuantizedValues): Value {
  const { rows, columns, bits, blockSize, codes, scales, zeroPoints } = matrix
  const inputs = [x, codes, scales, ...(zeroPoints === null ? [] : [zeroPoints])]
  // Level 1 is fp32; level 4 (int8) is silently wrong where scales are not constants.
  const attributes = { K: columns, N: rows, bits, block_size: blockSize, accuracy_level: 1 }
  return tape.node('MatMulNBits', inputs, attributes, { domain: 'com.microsoft' })
}

function productWith(tape: Tape, x: Value, values: Value): Value {
  return tape.node('FusedMatMul', [x, values], { transB: 1 }, { domain: 'com.microsoft' })
}

/** dx = dy W. Without values, W is unpacked here, and exists for the columns of one code of a byte at a time. */
function inputGradient(tape: Tape, gradient: Value, matrix: QuantizedValues, precision: Precision): Value {
  if (matrix.values !== null) return tape.node('MatMul', [gradient, matrix.values])
  const pieces = unpackedPieces(tape, matrix, gradient).map((piece) =>
    precision === 'float16'
      ? halfProduct(tape, gradient, halved(tape, piece, 2))
      : tape.node('MatMul', [gradient, piece]),
  )
  return interleaved(tape, pieces, matrix.columns)
}

/** Σ over each block of dW ∘ (code − zeroPoint), shape [rows, blocks]; dW exists for one code of a byte at a time. */
function scaleGradient(tape: Tape, gradient: Value, x: Value, matrix: QuantizedValues): Value {
  const { rows, columns, blockSize } = matrix
  const pieces = centeredCodes(tape, matrix, gradient)
  const byBlock = tape.int64([rows, columns / blockSize, blockSize / pieces.length])
  return everyNth(tape, x, pieces.length, columns)
    .map((inputs, index) => {
      const byCode = tape.node('Reshape', [outerProduct(tape, gradient, inputs), byBlock])
      const terms = tape.node('Mul', [byCode, pieces[index]])
      return tape.node('ReduceSum', [terms, tape.int64([-1])], { keepdims: 0 })
    })
    .reduce((sum, part) => tape.node('Add', [sum, part]))
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

/** The columns 0, n, 2n …, then 1, n + 1 … of x, as `centeredCodes` parts them. */
function everyNth(tape: Tape, x: Value, n: number, columns: number): Value[] {
  if (n === 1) return [x]
  return Array.from({ length: n }, (_, first) =>
    tape.node('Slice', [x, tape.int64([first]), tape.int64([columns]), tape.int64([-1]), tape.int64([n])]),
  )
}
