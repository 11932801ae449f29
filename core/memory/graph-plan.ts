import type { GraphModel } from '../engine/graph-model.js'
import type { OnnxGraph } from '../formats/onnx/onnx-graph.js'
import type { MemoryItemName, MemoryPlan } from '../schema/memory-plan.js'
import { bytesPerRow, bytesPerVocabularyEntry, programBytes, type MemoryDemand } from './plan.js'

/** What the memory of a run by a model's own graph depends on, besides the model. */
export interface GraphDemand extends Pick<
  MemoryDemand,
  'stateBytes' | 'scoredTokens' | 'dataTokens' | 'dataRows'
> {
  readonly trainedNumbers: number
  /** Of a run of the graph, padding included. */
  readonly tokens: number
}

const floatBytes = 4
/** Results of nodes, as wide as the widest product, that are there at once. */
const resultsAtOnce = 6

/**
 * Bytes that a run by a model's own graph needs at its peak, by item. What a graph of any kind holds between its nodes cannot be told
 * without running it: taken for it are a few results as wide as the widest product, and the logits of every token.
 */
export function planGraphMemory({ onnx, description }: GraphModel, demand: GraphDemand): MemoryPlan {
  const { vocabularySize } = description
  const { tokens, scoredTokens } = demand
  const sizes: readonly (readonly [MemoryItemName, number])[] = [
    ['program', programBytes + vocabularySize * bytesPerVocabularyEntry],
    ['weights', weightBytes(onnx.graph)],
    ['trained-numbers', demand.stateBytes + floatBytes * demand.trainedNumbers],
    ['activations', floatBytes * tokens * resultsAtOnce * widestProduct(onnx.graph, vocabularySize)],
    // Chosen logits, the same as floats, and the logarithms of their probabilities.
    ['head', floatBytes * vocabularySize * (tokens + 3 * Math.max(1, scoredTokens))],
    ['rows', 5 * demand.dataTokens + bytesPerRow * demand.dataRows],
  ]
  const items = sizes.map(([name, bytes]) => ({ name, bytes: Math.round(bytes) }))
  return { items, totalBytes: items.reduce((sum, { bytes }) => sum + bytes, 0) }
}

function weightBytes({ tensors }: OnnxGraph): number {
  return [...tensors.values()].reduce((sum, { byteLength }) => sum + (byteLength || 0), 0)
}

/** Outputs of the widest product with quantized weights, but for that which makes logits. */
function widestProduct({ nodes, tensors }: OnnxGraph, vocabularySize: number): number {
  const widths = nodes.flatMap(({ operator, inputs, attributes }): readonly number[] => {
    if (operator === 'MatMulNBits') return [Number(attributes.get('N') ?? 0)]
    return operator === 'DequantizeLinear' ? (tensors.get(inputs[0])?.shape ?? []) : []
  })
  return Math.max(1, ...widths.filter((width) => width < vocabularySize))
}
