import { elementTypes } from '../tape.js'
import type { LoweringRule } from './lowering-rule.js'

/** Positions are 64-bit integers: compared as floats, which hold them exactly up to 2²⁴. */
export const lowerComparedPositions: LoweringRule = (node, facts, writer) => {
  const [x, y] = node.input ?? []
  const { opType } = node
  if ((opType !== 'Greater' && opType !== 'Less') || facts.producer(x)?.opType !== 'Range') return false
  const floats = [x, y].map((value) => writer.node('Cast', [value], { to: elementTypes.float32 }))
  writer.node(opType, floats, {}, node.output?.[0])
  return true
}
