import { integerAttribute } from './graph-facts.js'
import type { LoweringRule } from './lowering-rule.js'

const rotaryAttributes = new Set(['num_heads', 'kv_num_heads', 'do_rotary', 'rotary_interleaved'])

/**
 * Causal GroupQueryAttention without a cache, by plain products: softmax(Q Kᵀ / √d + mask) V, the queries of a group beside
 * their key head. Attention weights [batch, heads, sequence, sequence] exist at once.
 *
 * The provider's own kernel for 32 positions and more is wrong where a GPU's subgroups are not as it expects: by a tenth
 * on SwiftShader, and on NVIDIA in an earlier version (onnxruntime, pull request 28520). No error is reported.
 */
export const lowerAttention: LoweringRule = (node, facts, writer) => {
  if (node.opType !== 'GroupQueryAttention') return false
  const [queries, keys, values, pastKeys, , , , cosines, sines] = node.input ?? []
  const isPlain = (node.attribute ?? []).every(({ name }) => rotaryAttributes.has(name ?? ''))
  const pairs = facts.lastLength(cosines)
  const [heads, kvHeads] = ['num_heads', 'kv_num_heads'].map((name) => integerAttribute(node, name))
  if (pastKeys !== '' || !isPlain || pairs === undefined || heads === undefined || kvHeads === undefined) {
    return false
  }
  const interleaved = integerAttribute(node, 'rotary_interleaved') ?? 0
  const rotated = (value: string, count: number): string => {
    const attributes = { interleaved, num_heads: count, rotary_embedding_dim: 2 * pairs }
    return writer.node(
      'RotaryEmbedding',
      [value, writer.int64([0]), cosines, sines],
      attributes,
      undefined,
      'com.microsoft',
    )
  }
  const byHead = (value: string, output?: string): string => {
    const split = writer.node('Reshape', [value, writer.int64([0, 0, kvHeads, -1])])
    return writer.node('Transpose', [split], { perm: [0, 2, 1, 3] }, output)
  }
  const group = heads / kvHeads
  const split = writer.node('Reshape', [rotated(queries, heads), writer.int64([0, 0, kvHeads, group, -1])])
  const q = writer.node('Transpose', [split], { perm: [0, 2, 3, 1, 4] })
  const k = byHead(rotated(keys, kvHeads), nameOf(node.output?.[1]))
  const v = byHead(values, nameOf(node.output?.[2]))
  const forGroup = (value: string): string => writer.node('Unsqueeze', [value, writer.int64([2])])
  const transposed = writer.node('Transpose', [forGroup(k)], { perm: [0, 1, 2, 4, 3] })

  const length = (value: string, axis: number): string =>
    writer.node('Shape', [value], { start: axis, end: axis + 1 })
  const width = writer.node('Cast', [length(q, 4)], { to: 1 })
  const scaled = writer.node('Div', [q, writer.node('Sqrt', [width])])
  const sequence = writer.node('Squeeze', [length(queries, 1), writer.int64([0])])
  const range = writer.node('Range', [writer.scalarInt64(0), sequence, writer.scalarInt64(1)])
  const positions = writer.node('Cast', [range], { to: 1 })
  const rows = writer.node('Unsqueeze', [positions, writer.int64([-1])])
  const isLater = writer.node('Cast', [writer.node('Greater', [positions, rows])], { to: 1 })
  const mask = writer.node('Mul', [isLater, writer.float32(-1e30)])
  const scores = writer.node('Add', [writer.node('MatMul', [scaled, transposed]), mask])
  const weights = writer.node('Softmax', [scores], { axis: -1 })
  const attended = writer.node('MatMul', [weights, forGroup(v)])
  const byPosition = writer.node('Transpose', [attended], { perm: [0, 3, 1, 2, 4] })
  writer.node('Reshape', [byPosition, writer.int64([0, 0, -1])], {}, node.output?.[0])
  return true
}

/** The name of an optional output, if it has one. */
function nameOf(output: string | undefined): string | undefined {
  return output === '' ? undefined : output
}
