import type { OnnxValue } from '../../formats/onnx/onnx-graph.js'
import type { OpenOnnx } from '../../formats/onnx/open-onnx.js'
import { modelProblem } from '../../schema/model-problems.js'
import { unsupportedOnnx } from './onnx-errors.js'

/** A graph from tensors to tensors, of which nothing else is known. */
export interface TensorGraph {
  readonly inputs: readonly OnnxValue[]
  /** Those in floats. */
  readonly outputs: readonly OnnxValue[]
}

const inputTypes: readonly string[] = ['F32', 'F16', 'I64', 'I32', 'U8']
const outputTypes: readonly string[] = ['F32', 'F16']

/**
 * What a graph takes and gives of which nothing else is known: all its inputs, and its outputs in floats.
 *
 * @throws EngineError `model-unsupported` for an input of another type, or without an output
 */
export function readTensorGraph({ path, graph }: Pick<OpenOnnx, 'path' | 'graph'>): TensorGraph {
  const inputs = graph.inputs.filter(({ name }) => !graph.tensors.has(name))
  const odd = inputs.find(({ dtype }) => !inputTypes.includes(dtype))
  if (odd !== undefined) {
    const types = `inputs of ${inputTypes.join(', ')}`
    throw unsupportedOnnx(path, modelProblem('graph-input', { name: odd.name.slice(0, 200) }), types)
  }
  const outputs = graph.outputs.filter(({ dtype }) => outputTypes.includes(dtype))
  if (outputs.length === 0) throw unsupportedOnnx(path, modelProblem('graph-output'), 'an output of floats')
  return { inputs, outputs }
}
