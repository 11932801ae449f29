import { elementTypes } from '../tape.js'
import { integerAttribute } from './graph-facts.js'
import type { LoweringRule } from './lowering-rule.js'

/**
 * MatMulNBits with a float zero point for every block, by the kernel without and the sums of each block of inputs:
 * Σ x (q − z) d = Σ x (q − middle) d + Σ over blocks (Σ x) · (middle − z) d, middle = 2^(bits − 1). Exact.
 */
export const lowerFloatZeroPoints: LoweringRule = (node, facts, writer) => {
  const [x, codes, scales, zeroPoints] = node.input ?? []
  if (node.opType !== 'MatMulNBits' || facts.inputType(zeroPoints) !== elementTypes.float32) return false
  const rank = facts.rank(x)
  const [bits, columns, blockSize] = ['bits', 'K', 'block_size'].map((name) => integerAttribute(node, name))
  if (rank === undefined || bits === undefined || columns === undefined || blockSize === undefined)
    return false
  const output = node.output?.[0] ?? ''
  const withoutPoints = `${output}_withoutZeroPoints`
  writer.keep({ ...node, input: [x, codes, scales], output: [withoutPoints] })
  const leading = Array.from({ length: rank - 1 }, () => 0)
  const byBlock = writer.node('Reshape', [x, writer.int64([...leading, columns / blockSize, blockSize])])
  const sums = writer.node('ReduceSum', [byBlock, writer.int64([-1])], { keepdims: 0 })
  const distance = writer.node('Sub', [writer.float32(2 ** (bits - 1)), zeroPoints])
  const offsets = writer.node('Transpose', [writer.node('Mul', [distance, scales])], { perm: [1, 0] })
  writer.node('Add', [withoutPoints, writer.node('MatMul', [sums, offsets])], {}, output)
  return true
}
