import type { Precision } from '../schema/precision.js'
import { quantizedProduct } from './operators/quantized-product.js'
import { Tape } from './tape.js'

/** A quantized product of 256 tokens with a matrix of 2,048 × 2,048: what most of a block is made of. */
export const productShape = { tokens: 256, width: 2048, blockSize: 32 } as const

/**
 * The graph of y = x Wᵀ with 4-bit codes.
 *
 * Inputs: `x` [1, tokens, width], `codes` [width, blocks, 16], `scales` [width, blocks]. Output: `y` [1, tokens, width].
 */
export function buildProductGraph(precision: Precision): Uint8Array {
  const { tokens, width, blockSize } = productShape
  const blocks = width / blockSize
  const tape = new Tape()
  const x = tape.input('x', 'float32', [1, tokens, width])
  const matrix = {
    ...({ rows: width, columns: width, bits: 4, blockSize } as const),
    ...{ zeroPoints: null, values: null },
    codes: tape.input('codes', 'uint8', [width, blocks, blockSize / 2]),
    scales: tape.input('scales', 'float32', [width, blocks]),
  }
  const y = quantizedProduct(tape, x, 'weights', matrix, { precision, tokens: null })
  tape.output('y', y, 'float32', [1, tokens, width])
  return tape.build('product')
}
