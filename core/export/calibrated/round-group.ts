import type { FloatBlock } from '../../engine/float-block-runner.js'
import type { LinearName } from '../../model/description.js'
import { linearGroups, type LinearGroup } from '../../model/linear-groups.js'
import { gptq } from '../../quantization/gptq/gptq.js'
import { inverseFactor } from '../../quantization/gptq/inverse-factor.js'
import { roundedMatrix, type EvenTensor, type RoundedMatrix } from '../../quantization/rounded-matrix.js'
import { rowError } from '../../quantization/stored-number.js'
import type { RoundedTensors } from './rounded-tensors.js'

/** What the linears of a block are rounded to; null for those that stay as they are. */
export type RoundedTypes = Readonly<Record<LinearName, EvenTensor | null>>

/**
 * Rounds the linears of a block that read the same values, keeps their bytes, and puts what is stored of them in the block.
 *
 * @param moments Σ x xᵀ of those values, by which GPTQ makes up for errors; null for a search block by block
 * @throws EngineError 'file-unwritable', 'value-unrepresentable'
 */
export function roundGroup(
  group: LinearGroup,
  { linears }: FloatBlock,
  types: RoundedTypes,
  moments: Float32Array | null,
  rounded: RoundedTensors,
): void {
  let factor: Float64Array | null = null
  for (const name of linearGroups[group]) {
    const tensor = types[name]
    if (tensor === null) continue
    const columns = tensor.shape[1]
    if (moments !== null) factor ??= inverseFactor(moments, columns)
    const values = linears[name]
    const made =
      factor === null ? roundedMatrix(tensor, values, 'search') : gptq(values, columns, factor, tensor.type)
    rounded.keep(tensor.name, { bytes: made.bytes, roundingError: largestError(tensor, values, made) })
    values.set(made.stored)
  }
}

function largestError(tensor: EvenTensor, values: Float32Array, { stored }: RoundedMatrix): number {
  const [rows, columns] = tensor.shape
  let largest = 0
  for (let row = 0; row < rows; row++) {
    const [start, end] = [row * columns, (row + 1) * columns]
    largest = Math.max(
      largest,
      rowError(tensor, row, values.subarray(start, end), stored.subarray(start, end)),
    )
  }
  return largest
}
