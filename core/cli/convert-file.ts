import { roundLayers, type Calibration } from '../export/calibrated/round-layers.js'
import { convertGguf, planConversion, type GgufConversion } from '../export/convert-gguf.js'
import type { TensorProgress } from '../formats/gguf/write-gguf.js'
import type { GgufExport } from '../export/gguf-export.js'
import { exportGgufLora, refuseFusedTensors, type GgufLoraExport } from '../export/gguf-lora.js'
import { readModel } from '../engine/loaded-model.js'
import type { ModelChanges } from '../engine/model-changes.js'
import type { ModelDescription } from '../model/description.js'
import type { OpenGguf } from '../formats/gguf/open-gguf.js'
import { openModelFile } from '../model/open-model-file.js'
import { linearWeightName } from '../model/tensor-names.js'
import { formatBytes } from './format.js'
import type { Output } from './output.js'
import { refuseExisting } from './refuse-existing.js'
import { turnShowing, type Turning } from './rotation-options.js'

/** What a model reads while it is rounded, and where. */
export type CalibrationText = Omit<Calibration, 'model'>

/** A file that was written, and the one of the branches that stand beside its codes. */
export interface ConvertedFile extends GgufExport {
  readonly lora?: GgufLoraExport & { readonly rank: number }
}

/**
 * Writes the model at `path` in another type, and says before how large the file will be. Throws as `convertGguf`, `roundLayers`
 * and `turnModel`.
 *
 * @param text null where blocks are rounded by themselves
 * @param turning null where the model is rounded as it is
 */
export async function convertFile(
  path: string,
  conversion: Omit<GgufConversion, 'source' | 'file'>,
  target: string,
  output: Output,
  text: CalibrationText | null,
  turning: Turning | null = null,
): Promise<ConvertedFile> {
  const opened = openModelFile(path)
  const { byteLength: baseBytes } = opened.source
  const { source, file } = turning === null ? opened : await turnOrClose(opened, turning, target, output)
  try {
    const whole = { source, file, ...conversion }
    const { byteLength } = planConversion(whole)
    output.say(`${target} will have ${formatBytes(byteLength)} (the base has ${formatBytes(baseBytes)})`)
    const showTensor = ({ done, count }: TensorProgress): void =>
      output.live(`tensor ${done + 1} of ${count}`)
    if (text === null) return convertGguf(whole, target, showTensor)
    const model = readModel(source, file)
    const calibration = { ...text, model }
    const loraTarget = text.rounding === 'svd' ? besideFile(target, model.description) : null
    const rounded = await roundLayers(whole, calibration, target, (layer, count) =>
      output.live(`rounding layer ${layer + 1} of ${count}`),
    )
    try {
      const written = convertGguf({ ...whole, rounded }, target, showTensor)
      if (loraTarget === null) return written
      const changes: ModelChanges = {
        branch: (layer, linear) => rounded.branches.get(linearWeightName(layer, linear)) ?? null,
      }
      const lora = exportGgufLora({ model: model.description, changes, target: loraTarget })
      const [{ rank }] = rounded.branches.values()
      return { ...written, lora: { ...lora, rank } }
    } finally {
      rounded.close()
    }
  } finally {
    source.close()
  }
}

/** Where branches go. @throws EngineError 'file-exists', 'request-invalid' where no such file can be */
function besideFile(target: string, model: ModelDescription): string {
  const path = target.replace(/(\.gguf)?$/i, '.lora.gguf')
  refuseFusedTensors(model)
  refuseExisting(path)
  return path
}

/** The turned model, which closes the other. */
async function turnOrClose(
  opened: OpenGguf,
  turning: Turning,
  target: string,
  output: Output,
): Promise<OpenGguf> {
  try {
    return await turnShowing(opened, turning, target, output)
  } catch (thrown) {
    opened.source.close()
    throw thrown
  }
}
