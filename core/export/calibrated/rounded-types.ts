import type { LoadedModel } from '../../engine/loaded-model.js'
import { byLinear } from '../../engine/stored-block.js'
import type { GgufTensor } from '../../formats/gguf/gguf-file.js'
import { tensorType } from '../../formats/gguf/tensor-types.js'
import { linearNames, type LinearName } from '../../model/description.js'
import { isEvenType } from '../../quantization/encoders/even-blocks.js'
import type { EvenTensor } from '../../quantization/rounded-matrix.js'
import type { GgufType } from '../../schema/gguf-type.js'
import { typeInModel } from '../gguf-type.js'

/** What a model becomes. */
export interface RoundedModel {
  readonly type: GgufType | null
  readonly layerCount: number
}

/** What the linears of a block are rounded to; null for those that stay as they are. */
export type RoundedTypes = Readonly<Record<LinearName, EvenTensor | null>>

export function roundedTypes(rounded: RoundedModel, { blocks }: LoadedModel, layer: number): RoundedTypes {
  return byLinear(linearNames, (name) => roundedTensor(rounded, blocks[layer].stored.tensors[name]))
}

/** What a matrix is rounded to; null where its type stays, or is not one of even blocks. */
export function roundedTensor({ type, layerCount }: RoundedModel, tensor: GgufTensor): EvenTensor | null {
  const to = typeInModel(tensor, type, layerCount)
  if (to === tensor.type || !isEvenType(to)) return null
  const { blockLength = 1, blockBytes = 0 } = tensorType(to) ?? {}
  const [rows, columns] = tensor.shape
  return { ...tensor, type: to, byteLength: ((rows * columns) / blockLength) * blockBytes }
}
