import type { FloatBlock } from '../../engine/float-block-runner.js'
import { linearGroups, type LinearGroup } from '../../model/linear-groups.js'
import { gptq } from '../../quantization/gptq/gptq.js'
import { inverseFactor } from '../../quantization/gptq/inverse-factor.js'
import { roundedMatrix } from '../../quantization/rounded-matrix.js'
import { matrixError } from '../../quantization/stored-number.js'
import type { RoundedTypes } from './rounded-types.js'
import type { RoundedTensors } from './rounded-tensors.js'

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
    rounded.keep(tensor.name, { bytes: made.bytes, roundingError: matrixError(tensor, values, made.stored) })
    values.set(made.stored)
  }
}
