import type onnxProto from 'onnx-proto'

type Graph = onnxProto.onnx.IGraphProto
type Node = onnxProto.onnx.INodeProto
type Initializer = onnxProto.onnx.ITensorProto

/** What can be known of a graph's values before it runs. */
export interface GraphFacts {
  /** How many dimensions a value has; undefined where that is not known. */
  rank(value: string): number | undefined
  /** Length of a graph input's last dimension; undefined where that is not known. */
  lastLength(value: string): number | undefined
  /** Element type of a graph input or initializer, by its number in onnx.TensorProto.DataType. */
  inputType(value: string): number | undefined
  /** The node that computes a value. */
  producer(value: string): Node | undefined
  /** The integers of an int64 initializer. */
  integers(value: string): readonly number[] | undefined
}

export function factsOf(graph: Graph): GraphFacts {
  const initializers = new Map((graph.initializer ?? []).map((tensor) => [tensor.name ?? '', tensor]))
  const inputs = new Map((graph.input ?? []).map(({ name, type }) => [name ?? '', type?.tensorType]))
  const producers = new Map<string, Node>()
  const ranks = new Map<string, number>()
  for (const [name, { dims }] of initializers) ranks.set(name, dims?.length ?? 0)
  for (const [name, type] of inputs) {
    const rank = type?.shape?.dim?.length
    if (rank !== undefined) ranks.set(name, rank)
  }
  const integers = (value: string): readonly number[] | undefined => int64Values(initializers.get(value))
  for (const node of graph.node ?? []) {
    outputRanks(node, ranks, integers).forEach((rank, index) => {
      const name = node.output?.[index] ?? ''
      producers.set(name, node)
      if (rank !== undefined) ranks.set(name, rank)
    })
  }
  return {
    rank: (value) => ranks.get(value),
    lastLength: (value) => {
      const dimension = inputs.get(value)?.shape?.dim?.at(-1)
      // 64-bit integers are objects that print as their digits; named dimensions have none.
      const length = Number(String(dimension?.dimValue))
      return length > 0 ? length : undefined
    },
    inputType: (value) => initializers.get(value)?.dataType ?? inputs.get(value)?.elemType ?? undefined,
    producer: (value) => producers.get(value),
    integers,
  }
}

/** Value of an integer attribute; undefined where the node does not have it. */
export function integerAttribute(node: Node, name: string): number | undefined {
  const found = node.attribute?.find((attribute) => attribute.name === name)
  // 64-bit integers are objects that print as their digits.
  return found === undefined ? undefined : Number(String(found.i))
}

/** Value of a float attribute; undefined where the node does not have it. */
export function floatAttribute(node: Node, name: string): number | undefined {
  return node.attribute?.find((attribute) => attribute.name === name)?.f ?? undefined
}

/** The rank of each output of a node; undefined for those of operators that no graph of ours multiplies. */
function outputRanks(
  node: Node,
  ranks: ReadonlyMap<string, number>,
  integers: (value: string) => readonly number[] | undefined,
): (number | undefined)[] {
  const rankOf = (index: number): number | undefined => ranks.get(node.input?.[index] ?? '')
  const count = (index: number): number | undefined => integers(node.input?.[index] ?? '')?.length
  const changed = (change: number | undefined): number | undefined => {
    const rank = rankOf(0)
    return rank === undefined || change === undefined ? undefined : rank + change
  }
  const outputs = node.output ?? []
  const every = (rank: number | undefined): (number | undefined)[] => outputs.map(() => rank)
  switch (node.opType) {
    case 'Reshape':
      return every(count(1))
    case 'Unsqueeze':
      return every(changed(count(1)))
    case 'Squeeze':
      return every(changed(negative(count(1))))
    case 'ReduceSum':
    case 'ReduceMean':
    case 'ReduceMax':
    case 'ReduceLogSumExp':
      return every(integerAttribute(node, 'keepdims') === 0 ? changed(negative(count(1))) : rankOf(0))
    case 'ArgMax':
      return every(integerAttribute(node, 'keepdims') === 0 ? changed(-1) : rankOf(0))
    case 'Flatten':
      return every(2)
    case 'Shape':
    case 'Range':
      return every(1)
    case 'GroupQueryAttention':
      return outputs.map((_, index) => (index === 0 ? rankOf(0) : 4))
    case 'Gather':
    case 'GatherBlockQuantized': {
      const indices = rankOf(1)
      return every(indices === undefined ? undefined : changed(indices - 1))
    }
    default:
      if (sameRank.has(node.opType ?? '')) return every(rankOf(0))
      return every(largestRank.has(node.opType ?? '') ? largest([rankOf(0), rankOf(1)]) : undefined)
  }
}

/** Operators of two inputs whose smaller rank is filled up with ones. */
const largestRank = new Set([
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Pow',
  'Min',
  'Max',
  'Greater',
  'Less',
  'And',
  'Or',
  'MatMul',
  'FusedMatMul',
])

/** Operators whose outputs have the rank of their first input. */
const sameRank = new Set([
  'Cast',
  'Concat',
  'Exp',
  'FastGelu',
  'Gelu',
  'Identity',
  'LayerNormalization',
  'MatMulNBits',
  'Neg',
  'Not',
  'Pad',
  'QuickGelu',
  'Reciprocal',
  'RotaryEmbedding',
  'Sigmoid',
  'SimplifiedLayerNormalization',
  'SkipSimplifiedLayerNormalization',
  'Slice',
  'Softmax',
  'Sqrt',
  'Tanh',
  'Transpose',
])

function largest(ranks: readonly (number | undefined)[]): number | undefined {
  const known = ranks.filter((rank) => rank !== undefined)
  return known.length === ranks.length ? Math.max(...known) : undefined
}

function negative(count: number | undefined): number | undefined {
  return count === undefined ? undefined : -count
}

function int64Values(tensor: Initializer | undefined): readonly number[] | undefined {
  if (tensor?.dataType !== 7 || !tensor.rawData) return undefined
  const bytes = Uint8Array.from(tensor.rawData)
  return Array.from(new BigInt64Array(bytes.buffer), Number)
}
