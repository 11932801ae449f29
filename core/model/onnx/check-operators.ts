import { makersOf } from '../../formats/onnx/onnx-graph.js'
import type { OpenOnnx } from '../../formats/onnx/open-onnx.js'
import { modelProblem } from '../../schema/model-problems.js'
import { unsupportedOnnx } from './onnx-errors.js'

/** Operators that make up a block, and how many of each a layer has; those that shapes, masks and weights need are not counted. */
const countedInLayer: Readonly<Record<string, number | undefined>> = {
  GroupQueryAttention: 1,
  Sigmoid: 1,
  Mul: 2,
}
const others: ReadonlySet<string> = new Set([
  'Add',
  'Cast',
  'Constant',
  'DequantizeLinear',
  'Gather',
  'GatherBlockQuantized',
  'MatMul',
  'MatMulNBits',
  'ReduceSum',
  'Reshape',
  'Shape',
  'SimplifiedLayerNormalization',
  'SkipSimplifiedLayerNormalization',
  'Split',
  'Sub',
  'Transpose',
])

/**
 * Checks that a graph has the operators of blocks with root-mean-square norms and a gate through SiLU, and none beside them: what it
 * computes otherwise would be left out without a word.
 *
 * @throws EngineError `model-unsupported`
 */
export function checkOperators({ path, graph }: OpenOnnx, layerCount: number): void {
  const counts = new Map<string, number>()
  for (const { operator } of graph.nodes) counts.set(operator, (counts.get(operator) ?? 0) + 1)
  const supported = [...Object.keys(countedInLayer), ...others].join(', ')
  for (const [name, count] of counts) {
    const expected = countedInLayer[name]
    if (expected === undefined ? others.has(name) : count === expected * layerCount) continue
    throw unsupportedOnnx(path, modelProblem('onnx-operator', { name, count }), supported)
  }
}

/** The ε of all norms. Throws EngineError `model-unsupported` where they differ. */
export function normEpsilonOf({ path, graph }: OpenOnnx): number | null {
  const found = new Set(
    graph.nodes
      .filter(({ operator }) => operator.endsWith('SimplifiedLayerNormalization'))
      .map(({ attributes }) => Number(attributes.get('epsilon') ?? 1e-5)),
  )
  if (found.size > 1) {
    throw unsupportedOnnx(path, modelProblem('differing-layers', { name: 'epsilon' }), 'one value')
  }
  return [...found].at(0) ?? null
}

/**
 * Checks that the logits are made of what the final norm gives. (The model builder of onnxruntime-genai 0.18 takes any linear with as
 * many outputs as there are tokens for the output matrix.)
 *
 * @throws EngineError `model-unsupported`
 */
export function checkOutput({ path, graph }: OpenOnnx, finalNorm: string): void {
  const makers = makersOf(graph)
  const output = makers.get('logits')
  const norm = makers.get(output?.inputs[0] ?? '')
  if (norm?.inputs.includes(finalNorm) === true) return
  const feature = modelProblem('onnx-layout', { name: output?.name ?? 'logits' })
  throw unsupportedOnnx(path, feature, 'a product with what the final norm gives')
}
