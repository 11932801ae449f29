import type { GraphModel } from '../engine/graph-model.js'
import type { OnnxGraph } from '../formats/onnx/onnx-graph.js'
import type { MemoryItemName, MemoryPlan } from '../schema/memory-plan.js'
import type { MemoryDemand } from './memory-demand.js'
import { bytesPerRow, bytesPerVocabularyEntry, programBytes } from './plan.js'

/** What the memory of a run by a model's own graph depends on, besides the model. */
export interface GraphDemand extends Pick<
  MemoryDemand,
  'stateBytes' | 'scoredTokens' | 'dataTokens' | 'dataRows'
> {
  readonly trainedNumbers: number
  /** Of a run of the graph, padding included; positions of tensors. */
  readonly tokens: number
  /** Of the tensors that a run of the graph takes and should give; 0 for tokens. */
  readonly rowBytes: number
}

const floatBytes = 4
/** Results of nodes, as wide as the widest product, that are there at once. */
const resultsAtOnce = 6

/**
 * Bytes that a run by a model's own graph needs at its peak, by item. What a graph of any kind holds between its nodes cannot be told
 * without running it: taken for it are a few results as wide as the widest product, the largest matrix unpacked, and logits of
 * every token twice. It can be too little: 60 steps by SmolLM2's graph, with runs of 512 tokens, held 906 MB, and the plan says
 * 854 MB.
 */
export function planGraphMemory({ onnx, description }: GraphModel, demand: GraphDemand): MemoryPlan {
  const vocabularySize = description.vocabularySize ?? 0
  const { tokens, scoredTokens, rowBytes } = demand
  const sizes: readonly (readonly [MemoryItemName, number])[] = [
    ['program', programBytes + vocabularySize * bytesPerVocabularyEntry],
    ['weights', weightBytes(onnx.graph)],
    ['trained-numbers', demand.stateBytes + floatBytes * demand.trainedNumbers],
    ['activations', activationBytes(productsOf(onnx.graph), tokens, description.vocabularySize)],
    // Logits before and after what is added to them; chosen ones, as floats, and the logarithms of their probabilities.
    ['head', floatBytes * vocabularySize * (2 * tokens + 3 * Math.max(1, scoredTokens))],
    // Tensors as they are read, and beside each other.
    ['rows', 5 * demand.dataTokens + bytesPerRow * demand.dataRows + 2 * rowBytes],
  ]
  const items = sizes.map(([name, bytes]) => ({ name, bytes: Math.round(bytes) }))
  return { items, totalBytes: items.reduce((sum, { bytes }) => sum + bytes, 0) }
}

function weightBytes({ tensors }: OnnxGraph): number {
  return [...tensors.values()].reduce((sum, { byteLength }) => sum + (byteLength || 0), 0)
}

/** Outputs and inputs of a product with quantized weights, in either order. */
type Product = readonly [number, number]

function productsOf({ nodes, tensors }: OnnxGraph): Product[] {
  return nodes.flatMap(({ operator, inputs, attributes }): readonly Product[] => {
    if (operator === 'MatMulNBits')
      return [[Number(attributes.get('N') ?? 0), Number(attributes.get('K') ?? 0)]]
    const shape = operator === 'DequantizeLinear' ? (tensors.get(inputs[0])?.shape ?? []) : []
    return shape.length === 2 ? [[shape[0], shape[1]]] : []
  })
}

/** The product that makes logits is none of the wide results: those are the head's. */
function activationBytes(
  products: readonly Product[],
  tokens: number,
  vocabularySize: number | null,
): number {
  const widths = products.flat().filter((width) => width < (vocabularySize ?? Infinity))
  const unpacked = Math.max(0, ...products.map(([rows, columns]) => rows * columns))
  return floatBytes * (tokens * resultsAtOnce * Math.max(1, ...widths) + unpacked)
}
