import type { OnnxValue } from '../../formats/onnx/onnx-graph.js'
import type { TensorGraph } from '../../model/onnx/tensor-graph.js'
import { requestIssue } from '../../schema/request-issues.js'
import type { TensorTask } from '../../schema/task.js'

/** The tensors of a graph that a row has. */
export interface TensorPorts {
  readonly inputs: readonly OnnxValue[]
  /** An output of the graph, as it should be. */
  readonly target: OnnxValue
}

/** @throws EngineError 'request-invalid' where it is open which output rows have, or none is called so */
export function tensorPorts(
  { inputs, outputs }: TensorGraph,
  { target }: Pick<TensorTask, 'target'>,
): TensorPorts {
  const list = outputs.map(({ name }) => `'${name}'`).join(', ')
  if (target === undefined) {
    if (outputs.length === 1) return { inputs, target: outputs[0] }
    throw requestIssue('target-open', { list })
  }
  const found = outputs.find(({ name }) => name === target)
  if (found === undefined) throw requestIssue('target-unknown', { name: target, list })
  return { inputs, target: found }
}

/**
 * The name of the axis along which rows can stand beside each other: the first of all that goes into the graph and of what comes
 * out. Null where that has a length or several names: rows then run one by one.
 */
export function batchAxis({ inputs, target }: TensorPorts): string | null {
  const first = target.shape?.at(0)
  if (typeof first !== 'string' || first === '') return null
  return inputs.every(({ shape }) => shape?.at(0) === first) ? first : null
}
