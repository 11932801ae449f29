import { Option, type Command } from 'commander'
import { noChanges } from '../engine/model-changes.js'
import type { GgufType } from '../export/gguf-type.js'
import { ggufTypes } from '../export/gguf-type.js'
import { describeModel } from '../model/describe-model.js'
import { openModelFile } from '../model/open-model-file.js'
import { canRound, roundings, type Rounding } from '../quantization/encode-rows.js'
import { requestInvalid } from '../schema/request-invalid.js'
import { convertFile } from './convert-file.js'
import { ggufTypeName } from './export-command.js'
import { formatBytes } from './format.js'
import { Output, type OutputOptions } from './output.js'
import { withOutputOptions } from './shared-options.js'
import { refuseExisting } from './write-export.js'

interface ConvertOptions extends OutputOptions {
  readonly type: GgufType
  readonly out: string
  readonly rounding: Rounding
}

/** `zerotune convert`. */
export function addConvertCommand(program: Command): void {
  const command = program
    .command('convert')
    .description('write a model as a GGUF file of another type')
    .argument('<model>', 'GGUF file, or folder of safetensors files or of an ONNX model')
    .requiredOption('--type <type>', `one of ${ggufTypes.join(', ')}`, ggufTypeName)
    .requiredOption('--out <file>', 'where it will be')
    .addOption(
      new Option(
        '--rounding <way>',
        'of blocks: search for the least squared error, or nearest codes as llama.cpp has them, which is faster',
      )
        .choices(roundings)
        .default('search'),
    )
  withOutputOptions(command).action((path: string, options: ConvertOptions) => {
    const output = new Output(options)
    const { type, out, rounding } = options
    refuseSearched(type, rounding)
    refuseExisting(out)
    const conversion = { type, layerCount: layersOf(path), changes: noChanges, rounding }
    const written = convertFile(path, conversion, out, output)
    output.result({ format: 'gguf', type, ...written }, [
      `wrote ${out}, ${formatBytes(written.byteLength)}`,
      '  read back and compared: every tensor is as it was written',
    ])
  })
}

/** @throws EngineError 'request-invalid' for types that are always searched */
function refuseSearched(type: GgufType, rounding: Rounding): void {
  if (canRound(type.toUpperCase(), rounding)) return
  throw requestInvalid(`${type} has blocks inside blocks, which are always searched: leave --rounding out`)
}

function layersOf(path: string): number {
  const { source, file } = openModelFile(path)
  try {
    return describeModel(file, source).layerCount
  } finally {
    source.close()
  }
}
