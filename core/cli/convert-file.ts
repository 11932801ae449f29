import { convertGguf, planConversion, type GgufConversion } from '../export/convert-gguf.js'
import type { GgufExport } from '../export/gguf.js'
import { openByteSource } from '../formats/byte-source.js'
import { readGguf } from '../formats/gguf/read-gguf.js'
import { formatBytes } from './format.js'
import type { Output } from './output.js'

/** Writes the model at `path` in another type, and says before how large the file will be. Throws as `convertGguf`. */
export function convertFile(
  path: string,
  conversion: Omit<GgufConversion, 'source' | 'file'>,
  target: string,
  output: Output,
): GgufExport {
  const source = openByteSource(path)
  try {
    const whole = { source, file: readGguf(source), ...conversion }
    const { byteLength } = planConversion(whole)
    output.say(
      `${target} will have ${formatBytes(byteLength)} (the base has ${formatBytes(source.byteLength)})`,
    )
    return convertGguf(whole, target, (done, count) => output.live(`tensor ${done + 1} of ${count}`))
  } finally {
    source.close()
  }
}
