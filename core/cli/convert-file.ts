import { roundLayers, type Calibration } from '../export/calibrated/round-layers.js'
import { convertGguf, planConversion, type GgufConversion } from '../export/convert-gguf.js'
import type { TensorProgress } from '../formats/gguf/write-gguf.js'
import type { GgufExport } from '../export/gguf-export.js'
import { readModel } from '../engine/loaded-model.js'
import { openModelFile } from '../model/open-model-file.js'
import { formatBytes } from './format.js'
import type { Output } from './output.js'

/** What a model reads while it is rounded, and where. */
export type CalibrationText = Omit<Calibration, 'model'>

/**
 * Writes the model at `path` in another type, and says before how large the file will be. Throws as `convertGguf` and `roundLayers`.
 *
 * @param text null where blocks are rounded by themselves
 */
export async function convertFile(
  path: string,
  conversion: Omit<GgufConversion, 'source' | 'file'>,
  target: string,
  output: Output,
  text: CalibrationText | null,
): Promise<GgufExport> {
  const { source, file } = openModelFile(path)
  try {
    const whole = { source, file, ...conversion }
    const { byteLength } = planConversion(whole)
    output.say(
      `${target} will have ${formatBytes(byteLength)} (the base has ${formatBytes(source.byteLength)})`,
    )
    const showTensor = ({ done, count }: TensorProgress): void =>
      output.live(`tensor ${done + 1} of ${count}`)
    if (text === null) return convertGguf(whole, target, showTensor)
    const calibration = { ...text, model: readModel(source, file) }
    const rounded = await roundLayers(whole, calibration, target, (layer, count) =>
      output.live(`rounding layer ${layer + 1} of ${count}`),
    )
    try {
      return convertGguf({ ...whole, rounded }, target, showTensor)
    } finally {
      rounded.close()
    }
  } finally {
    source.close()
  }
}
