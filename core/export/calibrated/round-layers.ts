import { FloatBlockRunner, type FloatBlock } from '../../engine/float-block-runner.js'
import type { LoadedModel } from '../../engine/loaded-model.js'
import { OutputError } from '../../engine/output-error.js'
import { linearGroupNames } from '../../model/linear-groups.js'
import type { Device } from '../../runtime/device.js'
import type { GgufConversion } from '../convert-gguf.js'
import { refusePrompt } from '../refuse-prompt.js'
import { trainedByName } from '../trained-rows.js'
import { floatLayers } from './float-layer.js'
import { enteringStates, type HiddenStates } from './hidden-states.js'
import { roundGroup } from './round-group.js'
import { roundOutput } from './round-output.js'
import { roundedTypes } from './rounded-types.js'
import { RoundedTensors } from './rounded-tensors.js'
import { scaleInputs } from './scale-inputs.js'
import { splitGroup } from './split-group.js'
import { sumInputs } from './sum-inputs.js'

/**
 * Ways to round that look at what a model reads: errors made up for (GPTQ), columns scaled before a search (AWQ), or scaled and then
 * made up for, or scaled and then split into codes and branches (SVDQuant).
 */
export const calibratedRoundings = ['gptq', 'awq', 'awq-gptq', 'svd'] as const
export type CalibratedRounding = (typeof calibratedRoundings)[number]

/** Of the branches of SVDQuant. Source: arXiv:2411.05007, section 5. */
export const usualBranchRank = 32

/** Text that a model reads while it is rounded. */
export interface Calibration {
  readonly rounding: CalibratedRounding
  /** Of the branches of 'svd'. */
  readonly rank?: number
  readonly device: Device
  /** The model that is converted. */
  readonly model: LoadedModel
  /** At least one, all of one length. */
  readonly rows: readonly Int32Array[]
}

/**
 * Rounds the linears of a model layer by layer, and with GPTQ its output matrix: what enters a layer comes from the layers below as
 * they are rounded. Only matrices whose type changes, to one of even blocks, are rounded; the others are the model's own.
 *
 * Memory: a layer in floats, and of the inputs of its linears Σ x xᵀ twice in float32, of the widest once in float64 too. Hidden states
 * and what is rounded lie on disk. Branches, rank · (rows + columns) floats a linear, stay.
 *
 * @param target the file to be written
 * @param onLayer told which of how many layers is next; may throw to stop
 * @returns what `convertGguf` takes; to be closed
 * @throws EngineError 'file-unwritable', 'file-unreadable', 'model-malformed', 'value-unrepresentable', 'runtime-failed',
 *   'request-invalid' for a soft prompt
 */
export async function roundLayers(
  conversion: GgufConversion,
  { rounding, rank = usualBranchRank, device, model, rows }: Calibration,
  target: string,
  onLayer: (layer: number, count: number) => void = () => undefined,
): Promise<RoundedTensors> {
  refusePrompt(conversion.changes, 'a GGUF file')
  const { layerCount } = conversion
  const trained = trainedByName(conversion)
  const layerAt = floatLayers(conversion, trained, model)
  const rounded = new RoundedTensors(target)
  const states = enteringStates(model, rows, target)
  const runner = new FloatBlockRunner(device, model)
  const makesUp = rounding === 'gptq' || rounding === 'awq-gptq'
  const outputError = rounding === 'gptq' ? null : await OutputError.open(device)
  let isDone = false
  try {
    for (let layer = 0; layer < layerCount; layer++) {
      onLayer(layer, layerCount)
      const block = layerAt(layer)
      const types = roundedTypes(conversion, model, layer)
      const sums = await sumInputs(runner, layer, block, states, model.path)
      if (outputError !== null) {
        for (const group of linearGroupNames) {
          await scaleInputs({ model, layer, group }, block, sums[group], types, outputError, rounded)
        }
      }
      for (const group of linearGroupNames) {
        const { moments } = sums[group]
        if (rounding !== 'svd' || outputError === null) {
          roundGroup(group, block, types, makesUp ? moments : null, rounded)
        } else await splitGroup(group, block, types, { moments, rank }, outputError, rounded)
      }
      if (layer + 1 < layerCount || makesUp) await goOn(runner, layer, block, states)
    }
    if (makesUp) await roundOutput(conversion, trained, { device, model }, states, rounded)
    isDone = true
    return rounded
  } finally {
    states.close()
    if (!isDone) rounded.close()
    await outputError?.close()
    await runner.close()
  }
}

/** Runs the rounded block on all rows. */
async function goOn(
  runner: FloatBlockRunner,
  layer: number,
  block: FloatBlock,
  states: HiddenStates,
): Promise<void> {
  for (let run = 0; run < states.runCount; run++) {
    states.put(run, await runner.next(layer, block, states.take(run)))
  }
}
