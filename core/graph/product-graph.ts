import { Tape } from './tape.js'

/** A quantized product of 256 tokens with a matrix of 2,048 × 2,048: what most of a block is made of. */
export const productShape = { tokens: 256, width: 2048, blockSize: 32 } as const

/**
 * The graph of y = x Wᵀ with 4-bit codes.
 *
 * Inputs: `x` [tokens, width], `codes` [width, blocks, 16], `scales` [width, blocks]. Output: `y` [tokens, width].
 */
export function buildProductGraph(): Uint8Array {
  const { tokens, width, blockSize } = productShape
  const blocks = width / blockSize
  const tape = new Tape()
  const inputs = [
    tape.input('x', 'float32', [tokens, width]),
    tape.input('codes', 'uint8', [width, blocks, blockSize / 2]),
    tape.input('scales', 'float32', [width, blocks]),
  ]
  const attributes = { K: width, N: width, bits: 4, block_size: blockSize, accuracy_level: 1 }
  const y = tape.node('MatMulNBits', inputs, attributes, { domain: 'com.microsoft' })
  tape.output('y', y, 'float32', [tokens, width])
  return tape.build('product')
}
