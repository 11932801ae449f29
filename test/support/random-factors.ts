import type { ModelChanges } from '../../core/engine/model-changes.js'
import { linearShape, type ModelDescription } from '../../core/model/description.js'
import { fillNormals } from '../../core/random/directions.js'

/** Trained factors on the scales of a linear. */
export type FactorsOf = NonNullable<ModelChanges['scaleFactors']>

/** Factors exp(spread · N(0, 1)) on the rows of every linear, or on each block of 32 columns; the same for equal seeds. */
export function randomFactors(
  model: ModelDescription,
  { seed, spread, shape }: { seed: number; spread: number; shape: 'rows' | 'blocks' },
): FactorsOf {
  return (layer, linear) => {
    const { rows, columns } = linearShape(model, linear)
    const values = new Float64Array(shape === 'rows' ? rows : rows * (columns / 32))
    fillNormals(values, seed, `${layer}.${linear}`)
    return { shape, values: values.map((normal) => Math.exp(spread * normal)) }
  }
}

/** The same factor on every row of every linear. */
export function equalFactors(model: ModelDescription, factor: number): FactorsOf {
  return (_, linear) => ({
    shape: 'rows',
    values: new Float64Array(linearShape(model, linear).rows).fill(factor),
  })
}
