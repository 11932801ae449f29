import onnxProto from 'onnx-proto'
import { EngineError } from '../../schema/engine-error.js'
import { factsOf } from './graph-facts.js'
import { lowerAttention } from './lower-attention.js'
import { lowerByteCodes } from './lower-byte-codes.js'
import { lowerComparedPositions } from './lower-compared-positions.js'
import { lowerFloatZeroPoints } from './lower-float-zero-points.js'
import { lowerFusedProduct } from './lower-fused-product.js'
import type { LoweringRule } from './lowering-rule.js'
import { neededNodes } from '../needed-nodes.js'
import { NodeWriter } from './node-writer.js'

const { onnx } = onnxProto

const rules: readonly LoweringRule[] = [
  lowerFusedProduct,
  lowerFloatZeroPoints,
  lowerByteCodes,
  lowerComparedPositions,
  lowerAttention,
]

/**
 * The same graph with nodes that the WebGPU provider of onnxruntime 1.30 has, in place of those that it would leave to the
 * CPU at the cost of copies both ways, or computes wrongly. What is left to the CPU are shapes and positions: a few integers.
 *
 * @param graph the bytes of an ONNX file
 * @throws EngineError 'not-available' for attention with a cache, which no rule replaces
 */
export function lowerForWebGpu(graph: Uint8Array): Uint8Array {
  const model = onnx.ModelProto.decode(graph)
  const before = model.graph
  if (!before) return graph
  const facts = factsOf(before)
  const writer = new NodeWriter()
  for (const node of before.node ?? []) {
    if (!rules.some((rule) => rule(node, facts, writer))) writer.keep(node)
  }
  const nodes = neededNodes(
    writer.nodes,
    (before.output ?? []).map(({ name }) => name ?? ''),
  )
  if (nodes.some(({ opType }) => opType === 'GroupQueryAttention')) {
    const feature = 'generation on webgpu'
    throw new EngineError('not-available', { feature }, `not available: ${feature}; use --device cpu`)
  }
  before.node = nodes
  before.initializer = [...(before.initializer ?? []), ...writer.constants]
  return onnx.ModelProto.encode(model).finish()
}
