import type { Command } from 'commander'
import { noChanges } from '../engine/model-changes.js'
import type { GgufType } from '../export/gguf-type.js'
import { ggufTypes } from '../export/gguf-type.js'
import { describeModel } from '../model/describe-model.js'
import { openModelFile } from '../model/open-model-file.js'
import { convertFile } from './convert-file.js'
import { ggufTypeName } from './export-command.js'
import { formatBytes } from './format.js'
import { Output, type OutputOptions } from './output.js'
import { withOutputOptions } from './shared-options.js'
import { refuseExisting } from './write-export.js'

interface ConvertOptions extends OutputOptions {
  readonly type: GgufType
  readonly out: string
}

/** `zerotune convert`. */
export function addConvertCommand(program: Command): void {
  const command = program
    .command('convert')
    .description('write a model as a GGUF file of another type')
    .argument('<model>', 'GGUF file, or folder of safetensors files')
    .requiredOption('--type <type>', `one of ${ggufTypes.join(', ')}`, ggufTypeName)
    .requiredOption('--out <file>', 'where it will be')
  withOutputOptions(command).action((path: string, options: ConvertOptions) => {
    const output = new Output(options)
    const { type, out } = options
    refuseExisting(out)
    const written = convertFile(path, { type, layerCount: layersOf(path), changes: noChanges }, out, output)
    output.result({ format: 'gguf', type, ...written }, [
      `wrote ${out}, ${formatBytes(written.byteLength)}`,
      '  read back and compared: every tensor is as it was written',
    ])
  })
}

function layersOf(path: string): number {
  const { source, file } = openModelFile(path)
  try {
    return describeModel(file, source).layerCount
  } finally {
    source.close()
  }
}
