import type { Tokenizer } from '../../data/tokenizer/tokenizer.js'
import type { GgufTensor } from '../../formats/gguf/gguf-file.js'
import type { SafeTensorOutline } from '../../formats/safetensors/write-safetensors.js'
import { folderName, ggufName } from '../../model/hugging-face/tensor-map.js'
import { tensorNames } from '../../model/tensor-names.js'
import { EngineError } from '../../schema/engine-error.js'
import { requestInvalid } from '../../schema/request-invalid.js'
import type { LinearPart, LinearQuantizer } from './linear-quantizer.js'
import { readersOf, type ChangedModel } from './model-rows.js'

export interface SafetensorsRequest extends ChangedModel {
  readonly tokenizer: Tokenizer
  /** Where the folder will be; nothing may be there. */
  readonly folder: string
  /** Of the linears of blocks; half floats unless said. */
  readonly quantizer?: LinearQuantizer
}

/** A tensor of the folder, and the one that it is made of. */
export interface FolderTensor extends SafeTensorOutline {
  readonly base: GgufTensor
  /** Of the permuted heads; null where rows stay in order. */
  readonly headWidth: number | null
  /** What of a quantized linear it is; null for a tensor of floats. */
  readonly part: LinearPart | null
}

/**
 * What the folder will hold; matrices become F16 or are quantized, vectors F32. Looks at the weights of linears that are to have
 * outliers.
 *
 * @throws EngineError `model-unsupported` for another architecture, `request-invalid` for blocks that do not divide a row
 */
export function planSafetensors(request: SafetensorsRequest): FolderTensor[] {
  const { file, description, quantizer } = request
  const isPermuted = description.rope.layout === 'interleaved'
  const readerOf = readersOf(request)
  return [...file.tensors.values()].flatMap((base): FolderTensor[] => {
    if (base.name === tensorNames.ropeFrequencies) return []
    const name = folderName(base.name)
    if (name === null) throw unsupported(file.path, base.name)
    const isVector = base.shape.length === 1
    const elements = base.shape.reduce((product, length) => product * length, 1)
    const heads = ggufName(name)?.heads ?? null
    const origin = { base, headWidth: isPermuted && heads !== null ? description.headWidth : null }
    if (quantizer !== undefined && isLinear(base)) {
      const shape = blockedShape(base, quantizer)
      return quantizer.partsOf(name, shape, readerOf(base)).map((part) => ({ ...part, ...origin, part }))
    }
    return [
      {
        name,
        dtype: isVector ? 'F32' : 'F16',
        shape: base.shape,
        byteLength: elements * (isVector ? 4 : 2),
        ...origin,
        part: null,
      },
    ]
  })
}

/** Token tables stay in half floats. */
function isLinear({ name, shape }: GgufTensor): boolean {
  return shape.length === 2 && name.startsWith('blk.')
}

/** Rows and columns of a linear. Throws `request-invalid` for blocks that do not divide a row. */
export function blockedShape(
  { name, shape }: GgufTensor,
  { blockLength }: LinearQuantizer,
): [number, number] {
  const [rows, columns] = shape
  if (columns % blockLength === 0) return [rows, columns]
  throw requestInvalid(`blocks of ${blockLength} do not divide the ${columns} columns of '${name}'`)
}

function unsupported(path: string, name: string): EngineError {
  const feature = `a tensor '${name}'`
  const message = `'${path}' has ${feature}, which a safetensors folder cannot be written for`
  return new EngineError('model-unsupported', { path, feature }, message)
}
