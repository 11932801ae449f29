import { noChanges } from '../../core/engine/model-changes.js'
import { convertGguf } from '../../core/export/convert-gguf.js'
import { ggufTypes } from '../../core/export/gguf-type.js'
import { forgetPeakMemory, measureMemory } from '../../core/memory/measure.js'
import { describeModel } from '../../core/model/describe-model.js'
import { openModelFile } from '../../core/model/open-model-file.js'
import { roundings } from '../../core/quantization/encode-rows.js'

/** What writing a model in another type took, in a process of its own. */
export interface ConversionFigures {
  readonly byteLength: number
  /** Of the processor, whatever ran beside: written, read back and compared. */
  readonly seconds: number
  readonly peakBytes: number
}

const [, , path, typeName, roundingName, target] = process.argv
const type = ggufTypes.find((each) => each === typeName)
const rounding = roundings.find((each) => each === roundingName)
if (type === undefined || rounding === undefined) throw new Error(`no ${typeName} by ${roundingName}`)
forgetPeakMemory()
const before = process.cpuUsage()
const { source, file } = openModelFile(path)
const { layerCount } = describeModel(file, source)
const { byteLength } = convertGguf({ source, file, layerCount, type, rounding, changes: noChanges }, target)
const { user, system } = process.cpuUsage(before)
const seconds = (user + system) / 1e6
const figures: ConversionFigures = { byteLength, seconds, peakBytes: measureMemory().peakBytes }
process.stdout.write(`${JSON.stringify(figures)}\n`)
