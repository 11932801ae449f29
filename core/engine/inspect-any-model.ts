import { basename, resolve } from 'node:path'
import {
  describedShape,
  type OnnxGraph,
  type OnnxTensor,
  type OnnxValue,
} from '../formats/onnx/onnx-graph.js'
import { inspectModel } from '../model/inspect-model.js'
import type { TensorGraph } from '../model/onnx/tensor-graph.js'
import { summarizeTypes } from '../model/summary.js'
import { modelProblem } from '../schema/model-problems.js'
import type { ModelSummary } from '../schema/model-summary.js'
import { requestIssue } from '../schema/request-issues.js'
import { isTensorGraph, type GraphModel } from './graph-model.js'
import { readGraphModel, runsByGraph } from './open-graph-model.js'

/** Sums up a model of either kind. Throws as `inspectModel` and `openGraphModel`. */
export function inspectAnyModel(path: string): ModelSummary {
  if (!runsByGraph(path)) return inspectModel(path)
  const { model, metadata } = readGraphModel(path)
  try {
    const text = (key: string): string | null => {
      const entry = metadata.get(key)
      return entry?.type === 'string' ? entry.value : null
    }
    return {
      ...summaryOf(model),
      tokenizer: { model: text('tokenizer.ggml.model'), pre: text('tokenizer.ggml.pre') },
      hasChatTemplate: metadata.has('tokenizer.chat_template'),
    }
  } finally {
    model.close()
  }
}

function summaryOf(model: GraphModel): Omit<ModelSummary, 'tokenizer' | 'hasChatTemplate'> {
  const { path, onnx, modelType, description, scales } = model
  const { vocabularySize } = description
  const contextLength = isTensorGraph(model) ? null : description.contextLength
  const { graph, sources } = onnx
  const tensorTypes = typesOf(graph)
  return {
    ...{ path, format: 'onnx', formatVersion: null, licence: null, packing: null },
    fileBytes: sources.reduce((sum, { byteLength }) => sum + byteLength, 0),
    name: basename(resolve(path)),
    architecture: modelType,
    parameterCount: tensorTypes.reduce((sum, { parameterCount }) => sum + parameterCount, 0),
    ...{ layerCount: null, width: null, feedForwardWidth: null, rope: null, isOutputTied: false },
    ...{ headCount: null, kvHeadCount: null, headWidth: null, contextLength, vocabularySize },
    tensorTypes,
    ...(isTensorGraph(model) && { tensors: portsOf(model.tensorGraph) }),
    ...trainingOf(scales.length > 0),
  }
}

function trainingOf(canTrain: boolean): Pick<ModelSummary, 'canTrain' | 'reason' | 'failure' | 'recipes'> {
  const reason = canTrain ? null : modelProblem('nothing-to-train')
  const ofRows = requestIssue('recipe-of-graph', { recipe: 'qzo-rows' }).message
  return {
    ...{ canTrain, reason, failure: null },
    recipes: [
      { recipe: 'qzo-rows', canTrain: false, reason: ofRows },
      { recipe: 'qzo', canTrain, reason },
      { recipe: 'qzo-paper', canTrain, reason },
    ],
  }
}

function portsOf({ inputs, outputs }: TensorGraph): NonNullable<ModelSummary['tensors']> {
  const text = ({ name, dtype, shape }: OnnxValue): string => `${name} ${describedShape(dtype, shape)}`
  return { inputs: inputs.map(text), outputs: outputs.map(text) }
}

function typesOf(graph: OnnxGraph): ModelSummary['tensorTypes'] {
  const tensors = [...graph.tensors.values()].map((tensor) => ({
    name: tensor.name,
    type: tensor.dtype,
    shape: [elementCount(tensor, graph)],
    offset: 0,
    byteLength: tensor.byteLength || 0,
  }))
  return summarizeTypes(tensors).map((type) => ({ ...type, isSupported: true }))
}

/** Bytes of the operators' own packing hold several codes. */
function elementCount({ name, shape, dtype }: OnnxTensor, { nodes }: OnnxGraph): number {
  const elements = shape.reduce((product, length) => product * length, 1)
  if (dtype !== 'U8') return elements
  const packed = nodes.find(
    ({ operator, inputs }) =>
      (operator === 'MatMulNBits' && inputs[1] === name) ||
      (operator === 'GatherBlockQuantized' && inputs[0] === name),
  )
  return packed === undefined ? elements : (elements * 8) / Number(packed.attributes.get('bits') ?? 4)
}
