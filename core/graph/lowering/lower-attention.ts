import { elementTypes } from '../tape.js'
import { floatAttribute, integerAttribute } from './graph-facts.js'
import type { LoweringRule } from './lowering-rule.js'
import type { NodeWriter } from './node-writer.js'

type Node = Parameters<LoweringRule>[0]

const knownAttributes = new Set([
  'num_heads',
  'kv_num_heads',
  'do_rotary',
  'rotary_interleaved',
  'scale',
  'softcap',
  'local_window_size',
])

/**
 * Causal GroupQueryAttention without a cache, by plain products: softmax(cap(s · Q Kᵀ) + mask) V, the queries of a group
 * beside their key head; s is 1 / √d unless the node says otherwise, and the mask may be of a window. Attention weights [batch, heads, sequence, sequence] exist at once.
 *
 * The provider's own kernel for 32 positions and more is wrong where a GPU's subgroups are not as it expects: by a tenth
 * on SwiftShader, and on NVIDIA in an earlier version (onnxruntime, pull request 28520). No error is reported.
 */
export const lowerAttention: LoweringRule = (node, facts, writer) => {
  if (node.opType !== 'GroupQueryAttention') return false
  const [queries, keys, values, pastKeys, , , , cosines, sines] = node.input ?? []
  const isPlain = (node.attribute ?? []).every(({ name }) => knownAttributes.has(name ?? ''))
  const isRotated = integerAttribute(node, 'do_rotary') === 1
  const pairs = isRotated ? facts.lastLength(cosines) : 0
  const [heads, kvHeads] = ['num_heads', 'kv_num_heads'].map((name) => integerAttribute(node, name))
  if (pastKeys !== '' || !isPlain || pairs === undefined || heads === undefined || kvHeads === undefined) {
    return false
  }
  const interleaved = integerAttribute(node, 'rotary_interleaved') ?? 0
  const rotated = (value: string, count: number): string => {
    if (!isRotated) return value
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

  const scores = maskedScores(writer, node, { queries, q, transposed })
  const weights = writer.node('Softmax', [scores], { axis: -1 })
  const attended = writer.node('MatMul', [weights, forGroup(v)])
  const byPosition = writer.node('Transpose', [attended], { perm: [0, 3, 1, 2, 4] })
  writer.node('Reshape', [byPosition, writer.int64([0, 0, -1])], {}, node.output?.[0])
  return true
}

/** cap(s · Q Kᵀ) + mask. */
function maskedScores(
  writer: NodeWriter,
  node: Node,
  values: { readonly queries: string; readonly q: string; readonly transposed: string },
): string {
  const { queries, q, transposed } = values
  const length = (value: string, axis: number): string =>
    writer.node('Shape', [value], { start: axis, end: axis + 1 })
  const scale = floatAttribute(node, 'scale')
  const root = (): string =>
    writer.node('Sqrt', [writer.node('Cast', [length(q, 4)], { to: elementTypes.float32 })])
  const scaled =
    scale === undefined ? writer.node('Div', [q, root()]) : writer.node('Mul', [q, writer.float32(scale)])
  const products = writer.node('MatMul', [scaled, transposed])
  const mask = maskOf(writer, length(queries, 1), integerAttribute(node, 'local_window_size'))
  return writer.node('Add', [cappedBy(writer, products, floatAttribute(node, 'softcap')), mask])
}

function cappedBy(writer: NodeWriter, scores: string, cap: number | undefined): string {
  if (cap === undefined) return scores
  const ratio = writer.node('Div', [scores, writer.float32(cap)])
  return writer.node('Mul', [writer.node('Tanh', [ratio]), writer.float32(cap)])
}

/** 0 where a query may see a key and a very small number elsewhere, shape [sequence, sequence]. */
function maskOf(writer: NodeWriter, length: string, window: number | undefined): string {
  const sequence = writer.node('Squeeze', [length, writer.int64([0])])
  const range = writer.node('Range', [writer.scalarInt64(0), sequence, writer.scalarInt64(1)])
  const positions = writer.node('Cast', [range], { to: elementTypes.float32 })
  const rows = writer.node('Unsqueeze', [positions, writer.int64([-1])])
  const hidden = (isHidden: string): string => {
    const flags = writer.node('Cast', [isHidden], { to: elementTypes.float32 })
    return writer.node('Mul', [flags, writer.float32(-1e30)])
  }
  const later = hidden(writer.node('Greater', [positions, rows]))
  if (window === undefined) return later
  const first = writer.node('Sub', [rows, writer.float32(window - 1)])
  return writer.node('Add', [later, hidden(writer.node('Less', [positions, first]))])
}

/** The name of an optional output, if it has one. */
function nameOf(output: string | undefined): string | undefined {
  return output === '' ? undefined : output
}
