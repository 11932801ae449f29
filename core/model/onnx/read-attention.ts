import type { OnnxNode } from '../../formats/onnx/onnx-graph.js'
import type { OpenOnnx } from '../../formats/onnx/open-onnx.js'
import { malformedOnnx } from '../../formats/onnx/read-onnx.js'
import { modelProblem } from '../../schema/model-problems.js'
import type { GenaiModel } from './genai-config.js'
import { unsupportedOnnx } from './onnx-errors.js'

/** What the attention of a graph's layers says of its model. */
export interface GraphAttention {
  /** Names of the tables of cosines and sines. */
  readonly cosines: string
  readonly sines: string
  /** Positions that a query sees; null where it sees all. */
  readonly window: number | null
}

/**
 * Reads the GroupQueryAttention of all layers, and checks that there is nothing in it but heads, a rotation and a window.
 *
 * Source: onnxruntime, docs/ContribOperators.md, com.microsoft.GroupQueryAttention.
 *
 * @throws EngineError `model-malformed`, `model-unsupported` for another attention
 */
export function readAttention({ path, graph }: OpenOnnx, { decoder }: GenaiModel): GraphAttention {
  const nodes = graph.nodes.filter(({ operator }) => operator === 'GroupQueryAttention')
  const { num_hidden_layers: layers } = decoder
  if (nodes.length !== layers) {
    throw malformedOnnx(
      path,
      'GroupQueryAttention',
      `expected one for each of ${layers} layers, found ${nodes.length}`,
    )
  }
  for (const node of nodes) checkNode(path, node, decoder)
  const [first] = nodes
  const differs = (what: (node: OnnxNode) => unknown): boolean =>
    nodes.some((node) => what(node) !== what(first))
  if (differs(windowOf))
    throw unsupportedOnnx(path, modelProblem('other-windows'), 'the same one in all layers')
  if (differs(tablesOf))
    throw unsupportedOnnx(path, modelProblem('other-rotation'), 'the same one in all layers')
  const [, , , , , , , cosines = '', sines = ''] = first.inputs
  return { cosines, sines, window: windowOf(first) }
}

function checkNode(path: string, node: OnnxNode, decoder: GenaiModel['decoder']): void {
  const { name, attributes } = node
  const number = (key: string): number => Number(attributes.get(key) ?? 0)
  if (number('rotary_interleaved') !== 0) {
    throw unsupportedOnnx(path, modelProblem('onnx-interleaved', { name }), 'halves of a head')
  }
  const expected: Readonly<Record<string, number>> = {
    num_heads: decoder.num_attention_heads,
    kv_num_heads: decoder.num_key_value_heads,
    do_rotary: 1,
    softcap: 0,
    smooth_softmax: 0,
  }
  for (const [key, value] of Object.entries(expected)) {
    if (number(key) === value) continue
    throw unsupportedOnnx(
      path,
      modelProblem('onnx-attribute', { name, key, value: number(key) }),
      String(value),
    )
  }
  const scale = number('scale') === 0 ? 1 : number('scale') * Math.sqrt(decoder.head_size)
  if (Math.abs(scale - 1) < 1e-5) return
  const feature = modelProblem('onnx-attribute', { name, key: 'scale', value: number('scale') })
  throw unsupportedOnnx(path, feature, '1 / √head size')
}

function windowOf({ attributes }: OnnxNode): number | null {
  const window = Number(attributes.get('local_window_size') ?? -1)
  return window > 0 ? window : null
}

function tablesOf({ inputs }: OnnxNode): string {
  return inputs.slice(7, 9).join()
}
