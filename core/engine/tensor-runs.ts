import type { TensorExample } from '../data/example.js'

/**
 * Cuts examples, in their order, into runs of equal layouts with at most so many positions; one that has more stands alone.
 *
 * @param together whether rows can stand beside each other
 */
export function tensorRuns(
  examples: readonly TensorExample[],
  positionsPerRun: number,
  together: boolean,
): TensorExample[][] {
  const runs: TensorExample[][] = []
  let positions = 0
  for (const example of examples) {
    const run = runs.at(-1)
    positions += example.positions
    if (run !== undefined && together && run[0].layout === example.layout && positions <= positionsPerRun) {
      run.push(example)
      continue
    }
    runs.push([example])
    positions = example.positions
  }
  return runs
}
