import { makersOf, type Makers, type OnnxGraph, type OnnxNode } from '../../formats/onnx/onnx-graph.js'
import type { OpenOnnx, PlacedOnnxTensor } from '../../formats/onnx/open-onnx.js'
import { modelProblem } from '../../schema/model-problems.js'
import { floatMatrix, matrixOfDequantized, matrixOfProduct, matrixOfTable } from './matrix-of-node.js'
import { unsupportedOnnx } from './onnx-errors.js'
import type { StoredMatrix } from './stored-matrix.js'
import { stemOfMatrix, vectorName } from './weight-names.js'

/** The weights of a graph. */
export interface FoundWeights {
  /** By their names in transformers, without `.weight`; without the output where it is the embedding. */
  readonly matrices: ReadonlyMap<string, StoredMatrix>
  /** By their names in transformers. */
  readonly vectors: ReadonlyMap<string, PlacedOnnxTensor>
}

/** Numbers that are no weight: positions, masks, and constants of shapes. Larger ones need a name that says so. */
const mostConstantBytes = 1024
const tableName = /cos|sin|inv_freq|mask/

/**
 * Finds the weights of a graph by its products and lookups: MatMulNBits, GatherBlockQuantized, DequantizeLinear before a MatMul, MatMul
 * and Gather; and its norms and biases by their names.
 *
 * @throws EngineError `model-malformed`, `model-unsupported` for a product or a tensor whose name says nothing
 */
export function findWeights(open: OpenOnnx): FoundWeights {
  const { graph, path } = open
  const makers = makersOf(graph)
  const matrices = new Map<string, StoredMatrix>()
  const used = new Set<string>()
  for (const node of graph.nodes) {
    const matrix = matrixOf(open, node, makers)
    if (matrix === null) continue
    const tensors = tensorsOf(matrix)
    const stem = stemOfMatrix(node.name, tensors[0].name)
    if (stem === null || matrices.has(stem)) {
      throw unsupportedOnnx(
        path,
        modelProblem('tensor', { name: tensors[0].name }),
        'one product with each weight',
      )
    }
    matrices.set(stem, matrix)
    for (const { name } of tensors) used.add(name)
  }
  const [embedding, output] = [matrices.get('model.embed_tokens'), matrices.get('lm_head')]
  if (embedding !== undefined && output !== undefined && isSame(embedding, output)) matrices.delete('lm_head')
  return { matrices, vectors: findVectors(open, used) }
}

function findVectors(
  { graph, place, path }: OpenOnnx,
  used: ReadonlySet<string>,
): Map<string, PlacedOnnxTensor> {
  const vectors = new Map<string, PlacedOnnxTensor>()
  const count = layerCount(graph)
  for (const { name, byteLength } of graph.tensors.values()) {
    if (used.has(name)) continue
    const found = vectorName(name, count)
    if (found !== null && !vectors.has(found)) vectors.set(found, place(name))
    else if (found !== null || (!(byteLength <= mostConstantBytes) && !tableName.test(name))) {
      throw unsupportedOnnx(
        path,
        modelProblem('tensor', { name: name.slice(0, 200) }),
        'weights with known names',
      )
    }
  }
  return vectors
}

/** One more than the last layer that a name speaks of, without the norm after them. */
export function layerCount({ tensors }: OnnxGraph): number {
  let count = 0
  for (const name of tensors.keys()) {
    const found = /^model\.layers\.(\d{1,4})\.(?!final_norm)/.exec(name)
    if (found !== null) count = Math.max(count, Number(found[1]) + 1)
  }
  return count
}

/** The matrix that a node multiplies with or looks up in; null where it does neither. */
function matrixOf(open: OpenOnnx, node: OnnxNode, makers: Makers): StoredMatrix | null {
  const { operator, inputs } = node
  const { tensors } = open.graph
  if (operator === 'MatMulNBits') return matrixOfProduct(open, node)
  if (operator === 'GatherBlockQuantized') {
    const [data = ''] = inputs
    return matrixOfTable(open, node, tensors.has(data) ? data : (makers.get(data)?.inputs[0] ?? ''))
  }
  if (operator === 'MatMul') return constantMatrix(open, inputs[1] ?? '', makers, true)
  const isTable = operator === 'Gather' && stemOfMatrix(node.name, inputs[0] ?? '') === 'model.embed_tokens'
  return isTable ? constantMatrix(open, inputs[0] ?? '', makers, false) : null
}

/**
 * A constant, or one that is unpacked or transposed first; null for a value that the graph computes.
 *
 * @param isTransposed whether the value called `name` has inputs before outputs
 */
function constantMatrix(
  open: OpenOnnx,
  name: string,
  makers: Makers,
  isTransposed: boolean,
): StoredMatrix | null {
  const maker = makers.get(name)
  if (maker?.operator !== 'Transpose') return untransposed(open, name, makers, isTransposed)
  return untransposed(open, maker.inputs[0] ?? '', makers, !isTransposed)
}

function untransposed(
  open: OpenOnnx,
  name: string,
  makers: Makers,
  isTransposed: boolean,
): StoredMatrix | null {
  const { tensors } = open.graph
  if (tensors.has(name)) {
    return tensors.get(name)?.shape.length === 2 ? floatMatrix(open, name, isTransposed) : null
  }
  const maker = makers.get(name)
  const isConstant = maker?.operator === 'DequantizeLinear' && tensors.has(maker.inputs[0] ?? '')
  return isConstant ? matrixOfDequantized(open, maker, isTransposed) : null
}

function tensorsOf(matrix: StoredMatrix): PlacedOnnxTensor[] {
  if (matrix.kind === 'floats') return [matrix.tensor]
  const { codes, scales, zeroPoints } = matrix
  return [codes, scales, ...('tensor' in zeroPoints ? [zeroPoints.tensor] : [])]
}

/** Whether two matrices are the same numbers. */
export function isSame(one: StoredMatrix, other: StoredMatrix): boolean {
  const [first, second] = [tensorsOf(one), tensorsOf(other)]
  const places = (tensors: readonly PlacedOnnxTensor[]): string =>
    tensors.map(({ source: { path }, offset, byteLength }) => [path, offset, byteLength].join(':')).join()
  return one.rows === other.rows && places(first) === places(second)
}
