import type { OnnxGraph, OnnxNode, OnnxTensor } from '../../formats/onnx/onnx-graph.js'
import type { OpenOnnx } from '../../formats/onnx/open-onnx.js'

const floats: readonly string[] = ['F32', 'F16', 'BF16']
const fourBits: readonly string[] = ['U4', 'I4']
const codes: readonly string[] = [...fourBits, 'U8', 'I8']

/** Scales that can be trained. */
export interface TrainableScales {
  readonly tensor: OnnxTensor
  /** Of the matrix that they are scales of, where they lie row by row without a shape that says so; else of their own shape. */
  readonly rows: number
}

/**
 * The scales that a graph has for codes that are constants: of MatMulNBits, GatherBlockQuantized, and DequantizeLinear where it has
 * blocks or codes of 4 bits. Each once, in the order of the nodes. Those in fields that nothing can be written to in place are
 * left out.
 *
 * Source: onnxruntime, docs/ContribOperators.md; ONNX, operators, DequantizeLinear 21.
 */
export function trainableScales({ graph }: Pick<OpenOnnx, 'graph'>): TrainableScales[] {
  const found = new Map<string, TrainableScales>()
  for (const node of graph.nodes) {
    const tensor = graph.tensors.get(scalesOf(graph, node) ?? '')
    if (tensor === undefined || found.has(tensor.name) || !canBeTrained(tensor)) continue
    found.set(tensor.name, { tensor, rows: rowsOf(tensor, node) })
  }
  return [...found.values()]
}

function canBeTrained({ place, dtype, byteLength }: OnnxTensor): boolean {
  return place.kind !== 'numbers' && floats.includes(dtype) && byteLength > 0
}

function rowsOf({ shape }: OnnxTensor, { attributes }: OnnxNode): number {
  const count = shape.reduce((product, length) => product * length, 1)
  const rows = shape.length === 1 ? Number(attributes.get('N') ?? count) : (shape.at(0) ?? 1)
  return rows > 0 && count % rows === 0 ? rows : count
}

/** The name of a node's scales, where its codes are constants of a type that we know. */
function scalesOf({ tensors }: OnnxGraph, { operator, inputs, attributes }: OnnxNode): string | undefined {
  const hasCodes = (at: number, types = codes): boolean =>
    types.includes(tensors.get(inputs.at(at) ?? '')?.dtype ?? '')
  switch (operator) {
    case 'MatMulNBits':
      return hasCodes(1) ? inputs.at(2) : undefined
    case 'GatherBlockQuantized':
      return hasCodes(0) ? inputs.at(2) : undefined
    case 'DequantizeLinear': {
      const hasBlocks = Number(attributes.get('block_size') ?? 0) > 0
      return hasCodes(0, hasBlocks ? codes : fourBits) ? inputs.at(1) : undefined
    }
    default:
      return undefined
  }
}
