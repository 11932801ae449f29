import type { FloatBlock, FloatBlockRunner, GroupInputs, InputSums } from '../../engine/float-block-runner.js'
import { linearGroupNames, type LinearGroup } from '../../model/linear-groups.js'
import { EngineError } from '../../schema/engine-error.js'
import type { HiddenStates } from './hidden-states.js'

/**
 * What enters the linears of a block, summed over all rows.
 *
 * @param path of the model, for the message
 * @throws EngineError 'model-malformed' where it is not finite
 */
export async function sumInputs(
  runner: FloatBlockRunner,
  layer: number,
  block: FloatBlock,
  states: HiddenStates,
  path: string,
): Promise<InputSums> {
  const sums = new Map<LinearGroup, GroupInputs>()
  for (let run = 0; run < states.runCount; run++) {
    const inputs = await runner.inputSums(layer, block, states.take(run))
    for (const group of linearGroupNames) {
      const { moments, sizes } = inputs[group]
      const sum = sums.get(group)
      if (sum === undefined) {
        sums.set(group, { moments: moments.slice(), sizes: sizes.slice() })
        continue
      }
      addTo(sum.moments, moments)
      addTo(sum.sizes, sizes)
    }
  }
  for (const [group, { moments }] of sums) {
    if (moments.every(Number.isFinite)) continue
    const where = `layer ${layer}, ${group}`
    const message = `what enters ${group} of layer ${layer} is not finite on the calibration text`
    throw new EngineError('model-malformed', { path, where }, message)
  }
  return Object.fromEntries(sums) as InputSums
}

function addTo(sum: Float32Array, values: Float32Array): void {
  for (let at = 0; at < sum.length; at++) sum[at] += values[at]
}
