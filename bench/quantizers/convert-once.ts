import { createTokenizer } from '../../core/data/tokenizer/create-tokenizer.js'
import { readModel, type LoadedModel } from '../../core/engine/loaded-model.js'
import { noChanges } from '../../core/engine/model-changes.js'
import { readCalibrationRows } from '../../core/export/calibrated/calibration-rows.js'
import {
  calibratedRoundings,
  roundLayers,
  type CalibratedRounding,
} from '../../core/export/calibrated/round-layers.js'
import type { RoundedTensors } from '../../core/export/calibrated/rounded-tensors.js'
import { convertGguf, type GgufConversion } from '../../core/export/convert-gguf.js'
import { ggufTypes } from '../../core/schema/gguf-type.js'
import { openModelFile } from '../../core/model/open-model-file.js'
import { roundings } from '../../core/quantization/encode-rows.js'
import { openCpuDevice } from '../../core/runtime/ort-device.js'
import { printFigures } from './conversion-figures.js'

const [, , path, typeName, roundingName, target, text] = process.argv
const type = ggufTypes.find((each) => each === typeName)
const rounding = roundings.find((each) => each === roundingName)
const calibrated = calibratedRoundings.find((each) => each === roundingName)
if (type === undefined || (rounding ?? calibrated) === undefined) {
  throw new Error(`no ${typeName} by ${roundingName}`)
}
await printFigures(async () => {
  const { source, file } = openModelFile(path)
  const model = readModel(source, file)
  const { layerCount } = model.description
  const conversion = { source, file, layerCount, type, changes: noChanges, ...(rounding && { rounding }) }
  const rounded = calibrated === undefined ? null : await roundedBy(calibrated, conversion, model)
  const written = convertGguf({ ...conversion, ...(rounded && { rounded }) }, target)
  rounded?.close()
  return written
})

function roundedBy(
  way: CalibratedRounding,
  conversion: GgufConversion,
  model: LoadedModel,
): Promise<RoundedTensors> {
  const tokenizer = createTokenizer(conversion.file.metadata, path)
  const rows = readCalibrationRows(text, { tokenizer, contextLength: model.description.contextLength })
  return roundLayers(conversion, { rounding: way, device: openCpuDevice(), model, rows }, target)
}
