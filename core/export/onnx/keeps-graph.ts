import type { ModelChanges } from '../../engine/model-changes.js'
import { linearNames } from '../../model/description.js'
import type { GraphParts } from '../../model/onnx/graph-parts.js'
import { linearWeightName } from '../../model/tensor-names.js'

/**
 * Whether a graph has room for what training made of its tensors: low-rank branches have none, and zero points that a graph keeps as
 * codes must be whole numbers.
 */
export function keepsGraph({ matrices }: GraphParts, layerCount: number, changes: ModelChanges): boolean {
  const byName = new Map(matrices.map(({ name, matrix }) => [name, matrix]))
  return Array.from({ length: layerCount }, (_, layer) => layer).every((layer) =>
    linearNames.every((linear) => {
      if ((changes.branch?.(layer, linear) ?? null) !== null) return false
      const stored = byName.get(linearWeightName(layer, linear))
      if (stored?.kind !== 'blocks' || ['floats', 'offsets'].includes(stored.zeroPoints.kind)) return true
      const zeroPoints = changes.matrix?.(layer, linear)?.zeroPoints ?? null
      return zeroPoints === null || zeroPoints.every((point) => Number.isInteger(point))
    }),
  )
}
