import type { Command } from 'commander'
import { createTokenizer } from '../data/tokenizer/create-tokenizer.js'
import { noChanges } from '../engine/model-changes.js'
import { readCalibrationRows, type TextReader } from '../export/calibrated/calibration-rows.js'
import type { CalibratedRounding } from '../export/calibrated/round-layers.js'
import { ggufTypes, type GgufType } from '../schema/gguf-type.js'
import { describeModel } from '../model/describe-model.js'
import { openModelFile } from '../model/open-model-file.js'
import { tableQuantizerNames, type TableQuantizerName } from '../quantization/code-tables/table-quantizer.js'
import { requestInvalid } from '../schema/request-invalid.js'
import { convertFile, type CalibrationText } from './convert-file.js'
import { convertToFolder } from './convert-to-folder.js'
import { deviceOf, onProcessor, withDeviceOptions, type DeviceOptions } from './device.js'
import { ggufTypeName } from './export-command.js'
import { formatBytes } from './format.js'
import { Output, type OutputOptions } from './output.js'
import {
  calibratedRounding,
  plainRounding,
  withRoundingOptions,
  type RoundingOptions,
} from './rounding-options.js'
import { withOutputOptions } from './shared-options.js'
import { tableQuantizerName, tableQuantizerOf, withTableOptions, type TableOptions } from './table-options.js'
import { refuseExisting } from './write-export.js'

interface ConvertOptions extends OutputOptions, DeviceOptions, RoundingOptions, TableOptions {
  readonly type: GgufType | TableQuantizerName
  readonly out: string
}

/** `zerotune convert`. */
export function addConvertCommand(program: Command): void {
  const command = program
    .command('convert')
    .description('write a model as a GGUF file of another type, or as a folder of 4-bit codes with a table')
    .argument('<model>', 'GGUF file, or folder of safetensors files or of an ONNX model')
    .requiredOption(
      '--type <type>',
      `of a file: one of ${ggufTypes.join(', ')}; of a folder: one of ${tableQuantizerNames.join(', ')}`,
      (value: string) => tableQuantizerName(value) ?? ggufTypeName(value),
    )
    .requiredOption('--out <path>', 'where it will be')
  withRoundingOptions(withTableOptions(command), 'has to be named')
  withOutputOptions(withDeviceOptions(command)).action(async (path: string, options: ConvertOptions) => {
    const output = new Output(options)
    const { out } = options
    const quantizer = tableQuantizerOf(options.type, options)
    if (quantizer !== null) {
      refuseExisting(out)
      await convertToFolder(path, quantizer, out, output)
      return
    }
    const type = ggufTypeName(options.type)
    const calibrated = calibratedRounding(type, options)
    refuseExisting(out)
    const { layerCount, reader } = aboutModel(path)
    const text = calibrated === null ? null : await calibrationText(calibrated, reader(), options)
    const conversion = { type, layerCount, changes: noChanges, rounding: plainRounding(options) }
    const written = await convertFile(path, conversion, out, output, text)
    output.result({ format: 'gguf', type, ...written }, [
      `wrote ${out}, ${formatBytes(written.byteLength)}`,
      '  read back and compared: every tensor is as it was written',
    ])
  })
}

/** @throws EngineError 'request-invalid' where no text is named, and those of `readCalibrationRows` */
async function calibrationText(
  rounding: CalibratedRounding,
  reader: TextReader,
  options: ConvertOptions,
): Promise<CalibrationText> {
  const { calibration } = options
  if (calibration === undefined) {
    throw requestInvalid(
      `--rounding ${rounding} rounds by what the model reads: name some text, of the kind that it is for, with --calibration FILE`,
    )
  }
  const rows = readCalibrationRows(calibration, reader)
  return { rounding, rows, device: await deviceOf(options, onProcessor) }
}

interface ModelFacts {
  readonly layerCount: number
  readonly reader: () => TextReader
}

function aboutModel(path: string): ModelFacts {
  const { source, file } = openModelFile(path)
  try {
    const { layerCount, contextLength } = describeModel(file, source)
    return { layerCount, reader: () => ({ tokenizer: createTokenizer(file.metadata, path), contextLength }) }
  } finally {
    source.close()
  }
}
