import { floatAttribute, integerAttribute } from './graph-facts.js'
import type { LoweringRule } from './lowering-rule.js'

/** FusedMatMul: alpha · op(x) op(y), op the transpose of the last two dimensions or nothing. */
export const lowerFusedProduct: LoweringRule = (node, facts, writer) => {
  if (node.opType !== 'FusedMatMul') return false
  const operand = (index: number, flag: string): string | null => {
    const name = node.input?.[index] ?? ''
    if (integerAttribute(node, flag) !== 1) return name
    const rank = facts.rank(name)
    return rank === undefined ? null : writer.node('Transpose', [name], { perm: lastTwoSwapped(rank) })
  }
  const x = operand(0, 'transA')
  const y = operand(1, 'transB')
  if (x === null || y === null) return false
  const output = node.output?.[0]
  const alpha = floatAttribute(node, 'alpha') ?? 1
  if (alpha === 1) writer.node('MatMul', [x, y], {}, output)
  else writer.node('Mul', [writer.node('MatMul', [x, y]), writer.float32(alpha)], {}, output)
  return true
}

function lastTwoSwapped(rank: number): number[] {
  const order = Array.from({ length: rank }, (_, axis) => axis)
  return [...order.slice(0, -2), rank - 1, rank - 2]
}
