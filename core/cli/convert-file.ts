import { convertGguf, planConversion, type GgufConversion } from '../export/convert-gguf.js'
import type { GgufExport } from '../export/gguf-export.js'
import { openModelFile } from '../model/open-model-file.js'
import { formatBytes } from './format.js'
import type { Output } from './output.js'

/** Writes the model at `path` in another type, and says before how large the file will be. Throws as `convertGguf`. */
export function convertFile(
  path: string,
  conversion: Omit<GgufConversion, 'source' | 'file'>,
  target: string,
  output: Output,
): GgufExport {
  const { source, file } = openModelFile(path)
  try {
    const whole = { source, file, ...conversion }
    const { byteLength } = planConversion(whole)
    output.say(
      `${target} will have ${formatBytes(byteLength)} (the base has ${formatBytes(source.byteLength)})`,
    )
    return convertGguf(whole, target, (done, count) => output.live(`tensor ${done + 1} of ${count}`))
  } finally {
    source.close()
  }
}
