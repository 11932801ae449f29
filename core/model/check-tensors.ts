import type { GgufFile, GgufTensor } from '../formats/gguf/gguf-file.js'
import { floatTypes, isQuantizedType, isReadableType, readableTypes } from '../formats/gguf/tensor-types.js'
import { EngineError } from '../schema/engine-error.js'
import {
  linearNames,
  linearShape,
  vectorLengths,
  type LinearName,
  type ModelDescription,
} from './description.js'
import { unsupportedModel } from './metadata.js'
import { linearBiasName, linearWeightName, tensorNames, vectorTensorName } from './tensor-names.js'
import { modelProblem } from '../schema/model-problems.js'

/** A tensor that must be there. Throws `model-malformed` where it is not. */
export function requireTensor(file: GgufFile, name: string): GgufTensor {
  const tensor = file.tensors.get(name)
  if (tensor) return tensor
  throw malformed(file, name, 'expected this tensor, found none of that name')
}

/** Throws `model-malformed` where a tensor has another shape than expected. */
export function checkShape(file: GgufFile, tensor: GgufTensor, expected: readonly number[]): void {
  const isEqual =
    tensor.shape.length === expected.length &&
    tensor.shape.every((length, index) => length === expected[index])
  if (isEqual) return
  const shapes = `expected shape [${expected.join(', ')}], found [${tensor.shape.join(', ')}]`
  throw malformed(file, tensor.name, shapes)
}

/**
 * Checks that a file has exactly the tensors that its description asks for, with their shapes and readable types.
 *
 * A tensor that nothing asks for would be left out of the computation without a word, so it is refused.
 *
 * @throws EngineError `model-malformed` for a missing tensor or a wrong shape, `model-unsupported` for a type that
 *   cannot be read or a tensor of another architecture
 */
export function checkTensors(file: GgufFile, model: ModelDescription): void {
  const expected = expectedShapes(file, model)
  for (const [name, shape] of expected) checkTensor(file, requireTensor(file, name), shape)
  for (const name of file.tensors.keys()) {
    if (expected.has(name) || ropeTensors.has(name)) continue
    throw unsupportedModel(file, modelProblem('tensor', { name }), `a ${model.architecture} model without it`)
  }
}

const ropeTensors: ReadonlySet<string> = new Set([
  tensorNames.ropeFrequencies,
  tensorNames.ropeShortFactors,
  tensorNames.ropeLongFactors,
])

/** The linears that have a bias in some block; `checkTensors` then asks for it in every block. */
export function findBiases(file: GgufFile, layerCount: number): LinearName[] {
  const layers = Array.from({ length: layerCount }, (_, layer) => layer)
  return linearNames.filter((linear) =>
    layers.some((layer) => file.tensors.has(linearBiasName(layer, linear))),
  )
}

function checkTensor(file: GgufFile, tensor: GgufTensor, shape: readonly number[]): void {
  checkShape(file, tensor, shape)
  checkSize(file, tensor)
  const isVector = shape.length === 1
  if (isReadableType(tensor.type) && !(isVector && isQuantizedType(tensor.type))) return
  const supported = isVector ? `${floatTypes.join(', ')} for vectors` : readableTypes.join(', ')
  const feature = modelProblem('tensor-type-in', { type: tensor.type, name: tensor.name })
  throw unsupportedModel(file, feature, supported)
}

/** JavaScript's arrays end at 4 GiB, and a bfloat16 tensor doubles when it is read. */
const largestTensorBytes = 2 ** 31

function checkSize(file: GgufFile, { name, byteLength }: GgufTensor): void {
  if (byteLength <= largestTensorBytes) return
  const feature = modelProblem('tensor-bytes', { count: byteLength, name })
  throw unsupportedModel(file, feature, `up to ${largestTensorBytes}`)
}

function expectedShapes(file: GgufFile, model: ModelDescription): Map<string, readonly number[]> {
  const { width, vocabularySize, layerCount } = model
  const shapes = new Map<string, readonly number[]>([
    [tensorNames.embedding, [vocabularySize, width]],
    [tensorNames.outputNorm, [width]],
  ])
  if (model.normKind === 'layer') shapes.set(tensorNames.outputNormBias, [width])
  if (!model.isOutputTied) shapes.set(tensorNames.output, [vocabularySize, width])
  // The last block first: a wrong number of blocks is found before a list of all their tensors is made.
  requireTensor(file, linearWeightName(layerCount - 1, 'ffn_down'))
  for (let layer = 0; layer < layerCount; layer++) addBlockShapes(shapes, model, layer)
  return shapes
}

function addBlockShapes(
  shapes: Map<string, readonly number[]>,
  model: ModelDescription,
  layer: number,
): void {
  for (const [name, length] of vectorLengths(model)) shapes.set(vectorTensorName(layer, name), [length])
  for (const linear of linearNames) {
    const { rows, columns } = linearShape(model, linear)
    shapes.set(linearWeightName(layer, linear), [rows, columns])
  }
}

function malformed(file: GgufFile, name: string, reason: string): EngineError {
  const where = modelProblem('at-tensor', { name })
  return new EngineError('model-malformed', { path: file.path, where }, `'${file.path}': ${where}: ${reason}`)
}
