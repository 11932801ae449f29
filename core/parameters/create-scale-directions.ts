import type { ProbeDirections } from '../schema/probe-directions.js'
import { LowRankDirections } from './low-rank-directions.js'
import { PoolDirections, poolTableLength, PoolTable } from './pool-directions.js'
import type { ScaleArrays } from './scale-arrays.js'
import type { DirectedScales, ScaleDirections } from './scale-directions.js'
import { SignDirections } from './sign-directions.js'

/**
 * The directions of several tensors, in their order.
 *
 * @param memory of their arrays, with a table of `directionTable`
 */
export function createScaleDirections(
  directions: ProbeDirections,
  memory: ScaleArrays,
  tensors: readonly DirectedScales[],
): ScaleDirections[] {
  switch (directions.kind) {
    case 'independent':
      return tensors.map((scales) => new SignDirections(memory, scales))
    case 'pool': {
      const table = new PoolTable(memory, directions.size)
      return tensors.map((scales) => new PoolDirections(table, scales))
    }
    case 'low-rank':
      return tensors.map((scales) => new LowRankDirections(memory, scales, directions))
  }
}

/** Numbers of the table that directions need. */
export function directionTable(directions: ProbeDirections): number {
  return directions.kind === 'pool' ? poolTableLength(directions.size) : 0
}
