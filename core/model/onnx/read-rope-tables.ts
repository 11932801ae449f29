import type { OpenOnnx } from '../../formats/onnx/open-onnx.js'
import { malformedOnnx } from '../../formats/onnx/read-onnx.js'
import { readFloats } from '../../quantization/read-floats.js'
import { modelProblem } from '../../schema/model-problems.js'
import { unsupportedOnnx } from './onnx-errors.js'
import { rotationOfTables, type RotationOfTables } from './rope-of-tables.js'

/** Far above any context of pairs. */
const mostTableBytes = 2 ** 30

/** The rotation of a graph, and of how many positions it has tables. */
export interface GraphRotation extends RotationOfTables {
  readonly positions: number
}

/**
 * Reads the rotation that two tables of a graph say.
 *
 * @throws EngineError `model-malformed`, `model-unsupported` for tables that no one rotation makes
 */
export function readRopeTables(open: OpenOnnx, cosinesName: string, sinesName: string): GraphRotation {
  const isConstant = [cosinesName, sinesName].every((name) => open.graph.tensors.has(name))
  if (!isConstant)
    throw unsupportedOnnx(open.path, modelProblem('onnx-layout', { name: cosinesName }), 'one table')
  const read = (name: string): Float32Array => {
    const tensor = open.place(name)
    if (tensor.shape.length !== 2 || tensor.byteLength > mostTableBytes) {
      const shape = `expected a table [positions, pairs], found [${tensor.shape.join(', ')}]`
      throw malformedOnnx(open.path, `tensor '${name}'`, shape)
    }
    return readFloats(tensor.source, { ...tensor, type: tensor.dtype })
  }
  const [cosines, sines] = [read(cosinesName), read(sinesName)]
  const [positions, pairs] = open.place(cosinesName).shape
  const rotation =
    cosines.length === sines.length ? rotationOfTables({ cosines, sines, positions, pairs }) : null
  if (rotation !== null) return { ...rotation, positions }
  throw unsupportedOnnx(
    open.path,
    modelProblem('onnx-layout', { name: cosinesName }),
    'angles that grow with the position',
  )
}

/** What divides the frequencies of a base to give those of a rotation, shape [pairs]. */
export function frequencyFactors(frequencies: Float64Array, base: number): Float32Array {
  const dimensions = 2 * frequencies.length
  return Float32Array.from(frequencies, (frequency, pair) => base ** ((-2 * pair) / dimensions) / frequency)
}
