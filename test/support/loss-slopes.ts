import { expect } from 'vitest'
import type { Example } from '../../core/data/example.js'
import type { DifferentiatedModel, FactorTable } from './differentiated-model.js'

/** Compares the steepest element of every vector of a gradient with differences of losses. */
export async function expectSlopes(
  subject: Pick<DifferentiatedModel, 'loss'>,
  batch: readonly Example[],
  table: FactorTable,
  gradient: FactorTable,
  { distance, tolerance }: { distance: number; tolerance: number },
): Promise<void> {
  for (const [layer, name, values] of entries(gradient)) {
    const steepest = values.reduce(
      (best, value, i) => (Math.abs(value) > Math.abs(values[best]) ? i : best),
      0,
    )
    const vector = table.get(layer)?.[name] ?? new Float32Array(0)
    const middle = vector[steepest]
    const slope = await slopeAt(distance, async (offset) => {
      vector[steepest] = middle + offset
      return subject.loss(batch, table)
    })
    vector[steepest] = middle
    expect(Math.abs(slope / values[steepest] - 1), `${layer} ${name} ${slope}`).toBeLessThan(tolerance)
  }
}

/** The derivative at 0 by five points; the error is of fourth order in `distance`. */
async function slopeAt(distance: number, loss: (offset: number) => Promise<number>): Promise<number> {
  const near = (await loss(distance)) - (await loss(-distance))
  const far = (await loss(2 * distance)) - (await loss(-2 * distance))
  return (8 * near - far) / (12 * distance)
}

/** The largest difference between two gradients, relative to the largest element of each vector. */
export function largestDifference(found: FactorTable, expected: FactorTable): number {
  return Math.max(
    ...entries(expected).map(([layer, name, values]) => {
      const other = found.get(layer)?.[name] ?? new Float32Array(0)
      const size = Math.max(...values.map(Math.abs))
      return Math.max(...values.map((value, i) => Math.abs(value - other[i]))) / size
    }),
  )
}

function entries(table: FactorTable): [layer: number, name: string, values: Float32Array][] {
  return [...table].flatMap(([layer, vectors]) =>
    Object.entries(vectors).map(([name, values]): [number, string, Float32Array] => [layer, name, values]),
  )
}
