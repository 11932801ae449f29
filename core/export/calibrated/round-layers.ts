import { FloatBlockRunner, type FloatBlock, type InputMoments } from '../../engine/float-block-runner.js'
import type { LoadedModel } from '../../engine/loaded-model.js'
import type { GgufTensor } from '../../formats/gguf/gguf-file.js'
import { linearShape } from '../../model/description.js'
import { linearGroupNames, linearGroups, type LinearGroup } from '../../model/linear-groups.js'
import { isEvenType, type EvenType } from '../../quantization/encoders/even-blocks.js'
import { gptq } from '../../quantization/gptq/gptq.js'
import { inverseFactor } from '../../quantization/gptq/inverse-factor.js'
import { rowError } from '../../quantization/stored-number.js'
import type { Device } from '../../runtime/device.js'
import { EngineError } from '../../schema/engine-error.js'
import type { GgufConversion } from '../convert-gguf.js'
import { typeInModel } from '../gguf-type.js'
import { refusePrompt } from '../refuse-prompt.js'
import { trainedByName } from '../trained-rows.js'
import { floatLayers } from './float-layer.js'
import { enteringStates, type HiddenStates } from './hidden-states.js'
import { RoundedTensors } from './rounded-tensors.js'

/** Ways to round that look at what a model reads. */
export const calibratedRoundings = ['gptq'] as const
export type CalibratedRounding = (typeof calibratedRoundings)[number]

/** Text that a model reads while it is rounded. */
export interface Calibration {
  readonly device: Device
  /** The model that is converted. */
  readonly model: LoadedModel
  /** At least one, all of one length. */
  readonly rows: readonly Int32Array[]
}

/**
 * Rounds the linears of a model by GPTQ, layer by layer: what enters a layer comes from the layers below as they are rounded. Only
 * linears whose type changes, to one of even blocks, are rounded; the others are the model's own.
 *
 * Memory: a layer in floats, and of the widest of its inputs Σ x xᵀ twice in float32 and once in float64. Hidden states and what is
 * rounded lie on disk.
 *
 * @param target the file to be written
 * @param onLayer told which of how many layers is next; may throw to stop
 * @returns what `convertGguf` takes; to be closed
 * @throws EngineError 'file-unwritable', 'file-unreadable', 'model-malformed', 'value-unrepresentable', 'runtime-failed',
 *   'request-invalid' for a soft prompt
 */
export async function roundLayers(
  conversion: GgufConversion,
  { device, model, rows }: Calibration,
  target: string,
  onLayer: (layer: number, count: number) => void = () => undefined,
): Promise<RoundedTensors> {
  refusePrompt(conversion.changes, 'a GGUF file')
  const { layerCount } = conversion
  const layerAt = floatLayers(conversion, trainedByName(conversion), model)
  const rounded = new RoundedTensors(target)
  const states = enteringStates(model, rows, target)
  const runner = new FloatBlockRunner(device, model)
  let isDone = false
  try {
    for (let layer = 0; layer < layerCount; layer++) {
      onLayer(layer, layerCount)
      const block = layerAt(layer)
      const moments = await sumMoments(runner, model, layer, block, states)
      for (const group of linearGroupNames) {
        roundGroup(conversion, { model, layer, group }, block, moments[group], rounded)
      }
      if (layer + 1 < layerCount) await goOn(runner, layer, block, states)
    }
    isDone = true
    return rounded
  } finally {
    states.close()
    if (!isDone) rounded.close()
    await runner.close()
  }
}

/** Σ x xᵀ over all rows. @throws EngineError 'model-malformed' where it is not finite */
async function sumMoments(
  runner: FloatBlockRunner,
  model: LoadedModel,
  layer: number,
  block: FloatBlock,
  states: HiddenStates,
): Promise<InputMoments> {
  const sums = new Map<LinearGroup, Float32Array>()
  for (let run = 0; run < states.runCount; run++) {
    const moments = await runner.moments(layer, block, states.take(run))
    for (const group of linearGroupNames) {
      const sum = sums.get(group)
      const values = moments[group]
      if (sum === undefined) sums.set(group, values.slice())
      else for (let at = 0; at < sum.length; at++) sum[at] += values[at]
    }
  }
  for (const [group, sum] of sums) {
    if (sum.every(Number.isFinite)) continue
    const where = `layer ${layer}, ${group}`
    const message = `what enters ${group} of layer ${layer} is not finite on the calibration text`
    throw new EngineError('model-malformed', { path: model.path, where }, message)
  }
  return Object.fromEntries(sums) as InputMoments
}

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

/** Where a group of linears is. */
interface GroupPlace {
  readonly model: LoadedModel
  readonly layer: number
  readonly group: LinearGroup
}

/** Rounds the linears that read the same values, and puts what is stored of them in the block. */
function roundGroup(
  { type, layerCount }: GgufConversion,
  { model, layer, group }: GroupPlace,
  { linears }: FloatBlock,
  moments: Float32Array,
  rounded: RoundedTensors,
): void {
  const { tensors } = model.blocks[layer].stored
  const { columns } = linearShape(model.description, group)
  let factor: Float64Array | null = null
  for (const name of linearGroups[group]) {
    const tensor = tensors[name]
    const to = roundedType(tensor, typeInModel(tensor, type, layerCount))
    if (to === null) continue
    factor ??= inverseFactor(moments, columns)
    const values = linears[name]
    const { bytes, stored } = gptq(values, columns, factor, to)
    const roundingError = largestError({ ...tensor, type: to }, values, stored)
    rounded.keep(tensor.name, { bytes, roundingError })
    values.set(stored)
  }
}

/** The type that a tensor is rounded to; null where it stays as it is, or cannot be rounded so. */
function roundedType(tensor: GgufTensor, type: string): EvenType | null {
  return type !== tensor.type && isEvenType(type) ? type : null
}

function largestError(tensor: GgufTensor, values: Float32Array, stored: Float32Array): number {
  const [rows, columns] = tensor.shape
  let largest = 0
  for (let row = 0; row < rows; row++) {
    const [start, end] = [row * columns, (row + 1) * columns]
    largest = Math.max(
      largest,
      rowError(tensor, row, values.subarray(start, end), stored.subarray(start, end)),
    )
  }
  return largest
}
