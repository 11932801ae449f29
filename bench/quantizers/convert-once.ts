import { createTokenizer } from '../../core/data/tokenizer/create-tokenizer.js'
import { readModel } from '../../core/engine/loaded-model.js'
import { noChanges } from '../../core/engine/model-changes.js'
import { readCalibrationRows } from '../../core/export/calibrated/calibration-rows.js'
import {
  calibratedRoundings,
  roundLayers,
  type CalibratedRounding,
} from '../../core/export/calibrated/round-layers.js'
import type { RoundedTensors } from '../../core/export/calibrated/rounded-tensors.js'
import { convertGguf } from '../../core/export/convert-gguf.js'
import { ggufTypes } from '../../core/export/gguf-type.js'
import { forgetPeakMemory, measureMemory } from '../../core/memory/measure.js'
import { openModelFile } from '../../core/model/open-model-file.js'
import { roundings } from '../../core/quantization/encode-rows.js'
import { openCpuDevice } from '../../core/runtime/ort-device.js'

/** What writing a model in another type took, in a process of its own. */
export interface ConversionFigures {
  readonly byteLength: number
  /** Of the processor, whatever ran beside: written, read back and compared. */
  readonly seconds: number
  readonly peakBytes: number
}

const [, , path, typeName, roundingName, target, text] = process.argv
const type = ggufTypes.find((each) => each === typeName)
const rounding = roundings.find((each) => each === roundingName)
const calibrated = calibratedRoundings.find((each) => each === roundingName)
if (type === undefined || (rounding ?? calibrated) === undefined) {
  throw new Error(`no ${typeName} by ${roundingName}`)
}
forgetPeakMemory()
const before = process.cpuUsage()
const { source, file } = openModelFile(path)
const model = readModel(source, file)
const { layerCount, contextLength } = model.description
const conversion = { source, file, layerCount, type, changes: noChanges, ...(rounding && { rounding }) }
const rounded = calibrated === undefined ? null : await roundedBy(calibrated)
const { byteLength } = convertGguf({ ...conversion, ...(rounded && { rounded }) }, target)
rounded?.close()
const { user, system } = process.cpuUsage(before)
const seconds = (user + system) / 1e6
const figures: ConversionFigures = { byteLength, seconds, peakBytes: measureMemory().peakBytes }
process.stdout.write(`${JSON.stringify(figures)}\n`)

function roundedBy(way: CalibratedRounding): Promise<RoundedTensors> {
  const rows = readCalibrationRows(text, { tokenizer: createTokenizer(file.metadata, path), contextLength })
  return roundLayers(conversion, { rounding: way, device: openCpuDevice(), model, rows }, target)
}
