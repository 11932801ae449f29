import type { GgufFile, GgufTensor } from '../formats/gguf/gguf-file.js'
import { tensorRows } from '../formats/gguf/tensor-rows.js'
import { architectures } from './architectures.js'
import { checkShape } from './check-tensors.js'
import { linearShape } from './description.js'
import { optionalText } from './metadata.js'
import { readSizes } from './read-sizes.js'
import { linearWeightName } from './tensor-names.js'

/** The linears whose rows lie in one tensor of a file, in their order there, by that tensor's name. */
export type FusedTensors = ReadonlyMap<string, readonly GgufTensor[]>

/**
 * The tensors of a file that hold several linears, each with its parts: the same bytes under the linears' own names. A file
 * that keeps them apart has none.
 *
 * @throws EngineError `model-malformed` for another shape
 */
export function fusedTensors(file: GgufFile): FusedTensors {
  const found = new Map<string, GgufTensor[]>()
  const architecture = architectures.get(optionalText(file, 'general.architecture') ?? '')
  if (architecture === undefined || architecture.fused.length === 0) return found
  const sizes = readSizes(file, architecture.name)
  for (let layer = 0; layer < sizes.layerCount; layer++) {
    for (const { name, linears } of architecture.fused) {
      const tensor = file.tensors.get(`blk.${layer}.${name}.weight`)
      const isWhole = linears.every((linear) => file.tensors.has(linearWeightName(layer, linear)))
      if (tensor === undefined || isWhole) continue
      const counts = linears.map((linear) => linearShape(sizes, linear).rows)
      checkShape(file, tensor, [counts.reduce((sum, rows) => sum + rows, 0), sizes.width])
      let first = 0
      const parts = linears.map((linear, index) => ({
        ...tensorRows(tensor, first, (first += counts[index])),
        name: linearWeightName(layer, linear),
      }))
      found.set(tensor.name, parts)
    }
  }
  return found
}

/** A file with fused tensors in their parts; the file itself where there are none. Throws as `fusedTensors`. */
export function splitFusedTensors(file: GgufFile): GgufFile {
  const fused = fusedTensors(file)
  if (fused.size === 0) return file
  const tensors = [...file.tensors].flatMap(([name, tensor]) => fused.get(name) ?? [tensor])
  return { ...file, tensors: new Map(tensors.map((tensor) => [tensor.name, tensor])) }
}
