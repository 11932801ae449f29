import type { LoadedModel } from '../engine/loaded-model.js'
import { linearNames, type LinearName } from '../model/description.js'
import type { QuantizedMatrix } from '../quantization/matrix.js'
import { EngineError } from '../schema/engine-error.js'
import { modelProblem } from '../schema/model-problems.js'

/** A linear that has block scales. */
export interface QuantizedLinear {
  /** The name that addresses its direction. */
  readonly name: string
  readonly layer: number
  readonly linear: LinearName
  readonly matrix: QuantizedMatrix
}

/**
 * The quantized linears of layers `firstLayer` … `endLayer` − 1, in order.
 *
 * @throws EngineError 'model-untrainable' where there are none
 */
export function quantizedLinears(
  model: LoadedModel,
  firstLayer: number,
  endLayer: number,
): QuantizedLinear[] {
  const found: QuantizedLinear[] = []
  for (let layer = firstLayer; layer < endLayer; layer++) {
    for (const linear of linearNames) {
      const matrix = model.blocks[layer].linears[linear]
      if (matrix.kind === 'quantized')
        found.push({ name: `blk.${layer}.${linear}.scales`, layer, linear, matrix })
    }
  }
  if (found.length === 0) {
    const reason = modelProblem('no-scales', { first: firstLayer, last: endLayer - 1 })
    throw new EngineError(
      'model-untrainable',
      { reason },
      `${reason}; the recipe 'qzo-rows' trains this model`,
    )
  }
  return found
}

/** Whether a matrix has 4-bit codes that are steps of a scale, which codes looked up in a table are not. */
export function hasEvenCodes({ bits, table }: QuantizedMatrix): boolean {
  return bits === 4 && table === undefined
}
