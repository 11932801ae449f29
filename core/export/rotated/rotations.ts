import type { ModelDescription } from '../../model/description.js'
import { requestInvalid } from '../../schema/request-invalid.js'
import { startRotation } from './start-rotation.js'

/** How matrices to turn a model by are found: random Hadamard matrices, or from these by what the model reads. */
export const rotationNames = ['hadamard', 'kurtail'] as const
export type RotationName = (typeof rotationNames)[number]

/** Orthogonal matrices that turn a model without changing what it computes. (Rotations elsewhere in the code are those of positions.) */
export interface Rotations {
  /** R1, of the hidden state between blocks, shape [width, width]. */
  readonly residual: Float32Array
  /** R2, of the values of each layer and each of its heads, shape [headWidth, headWidth] each. */
  readonly values: readonly (readonly Float32Array[])[]
}

/** Random Hadamard matrices for a model, the same for equal sizes. */
export function hadamardRotations(model: ModelDescription): Rotations {
  const { layerCount, kvHeadCount, headWidth, width } = model
  return {
    residual: startRotation(width, 0),
    values: Array.from({ length: layerCount }, (_, layer) =>
      Array.from({ length: kvHeadCount }, (__, head) =>
        startRotation(headWidth, 1 + layer * kvHeadCount + head),
      ),
    ),
  }
}

/**
 * Refuses models in which something between the blocks does not turn with the hidden state: a root mean square does, whose weights go
 * into the linears after it, but no mean that is taken away, and no weights that are followed by nothing but the hidden state.
 *
 * @throws EngineError 'request-invalid'
 */
export function refuseUnturnable({ architecture, norms, normKind }: ModelDescription): void {
  const after = norms.find((name) => name === 'post_attention_norm' || name === 'post_ffw_norm')
  const missing = (['attn_norm', 'ffn_norm'] as const).find((name) => !norms.includes(name))
  const reason =
    normKind === 'layer'
      ? 'has layer norms, which take the mean of the channels away'
      : after !== undefined
        ? `has the norm '${after}' after a part of a block`
        : missing !== undefined
          ? `has no norm '${missing}' before a part of a block`
          : null
  if (reason === null) return
  throw requestInvalid(
    `--rotate needs root-mean-square norms before both parts of each block and none after them; '${architecture}' ${reason}`,
  )
}
