import type { FloatBlock } from '../../engine/float-block-runner.js'
import type { OutputError } from '../../engine/output-error.js'
import { linearGroups, type LinearGroup } from '../../model/linear-groups.js'
import { matrixError } from '../../quantization/stored-number.js'
import type { RoundedTypes } from './rounded-types.js'
import type { RoundedTensors } from './rounded-tensors.js'
import { splitMatrix } from './split-matrix.js'

/** Any: the singular terms that are found hardly depend on it. */
const seed = 1

/**
 * Splits the linears of a block that read the same values, keeps their bytes and branches, and puts what both compute together in the
 * block.
 *
 * @param moments Σ x xᵀ of those values, by which splits are compared
 * @throws EngineError 'file-unwritable', 'value-unrepresentable'
 */
export async function splitGroup(
  group: LinearGroup,
  { linears }: FloatBlock,
  types: RoundedTypes,
  { moments, rank }: { readonly moments: Float32Array; readonly rank: number },
  outputError: OutputError,
  rounded: RoundedTensors,
): Promise<void> {
  for (const name of linearGroups[group]) {
    const tensor = types[name]
    if (tensor === null) continue
    const values = linears[name]
    const made = await splitMatrix(tensor, values, { rank, seed }, (difference) =>
      outputError.of(difference, moments, tensor.shape[1]),
    )
    const whole = made.stored.map((value, at) => value + made.product[at])
    rounded.keep(tensor.name, { bytes: made.bytes, roundingError: matrixError(tensor, values, whole) })
    rounded.branches.set(tensor.name, made.branch)
    values.set(whole)
  }
}
