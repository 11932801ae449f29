import type onnxProto from 'onnx-proto'
import { elementTypes } from '../tape.js'
import { integerAttribute, type GraphFacts } from './graph-facts.js'
import type { LoweringRule } from './lowering-rule.js'

/**
 * Codes cut out of bytes by bit operations and made floats or indices, as `operators/unpack.ts` writes them, in floats alone:
 * high = ⌊byte / 16⌋, low = byte − 16 · high. Exact.
 *
 * A byte becomes a float by DequantizeLinear with a scale of 1, which is computed from what the codes have to wait for: so
 * these nodes wait for the same.
 */
export const lowerByteCodes: LoweringRule = (node, facts, writer) => {
  const to = node.opType === 'Cast' ? integerAttribute(node, 'to') : undefined
  if (to !== elementTypes.float32 && to !== elementTypes.int32) return false
  const cut = facts.producer(node.input?.[0] ?? '')
  const codes = cut?.input?.[0] ?? ''
  const operand = waitingByte(facts, cut?.input?.[1] ?? '')
  if (operand === null) return false
  const { value, source } = operand
  const output = to === elementTypes.float32 ? node.output?.[0] : undefined
  const asFloat = writer.node('Cast', [source], { to: elementTypes.float32 })
  const one = writer.node('Div', [asFloat, writer.float32(value)])
  const bytes = (name?: string): string => writer.node('DequantizeLinear', [codes, one], {}, name)
  const high = (whole: string, name?: string): string =>
    writer.node('Floor', [writer.node('Mul', [whole, writer.float32(1 / 16)])], {}, name)
  const low = (whole: string): string =>
    writer.node('Sub', [whole, writer.node('Mul', [high(whole), writer.float32(16)])], {}, output)
  const floatsOf = (): string | null => {
    if (cut?.opType === 'BitShift' && value === 4) return high(bytes(), output)
    if (cut?.opType === 'BitwiseAnd' && value === 255) return bytes(output)
    return cut?.opType === 'BitwiseAnd' && value === 15 ? low(bytes()) : null
  }
  const floats = floatsOf()
  if (floats !== null && to === elementTypes.int32) writer.node('Cast', [floats], { to }, node.output?.[0])
  return floats !== null
}

/** A byte that is computed as something of value 0 plus a constant: that constant, and the sum. */
function waitingByte(facts: GraphFacts, byte: string): { value: number; source: string } | null {
  const cast = facts.producer(byte)
  const source = cast?.opType === 'Cast' ? (cast.input?.[0] ?? '') : ''
  const sum: onnxProto.onnx.INodeProto | undefined = facts.producer(source)
  const value = sum?.opType === 'Add' ? facts.integers(sum.input?.[1] ?? '')?.[0] : undefined
  return value === undefined ? null : { value, source }
}
