import type onnxProto from 'onnx-proto'
import type { GraphFacts } from './graph-facts.js'
import type { NodeWriter } from './node-writer.js'

/**
 * Writes nodes that compute the outputs of `node`, under the same names, from operators that a provider has. False where
 * the node is none that the rule is for.
 */
export type LoweringRule = (node: onnxProto.onnx.INodeProto, facts: GraphFacts, writer: NodeWriter) => boolean
