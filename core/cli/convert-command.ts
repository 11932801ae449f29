import type { Command } from 'commander'
import { createTokenizer } from '../data/tokenizer/create-tokenizer.js'
import { noChanges } from '../engine/model-changes.js'
import { readCalibrationRows, type TextReader } from '../export/calibrated/calibration-rows.js'
import { usualBranchRank, type CalibratedRounding } from '../export/calibrated/round-layers.js'
import { ggufTypes, type GgufType } from '../schema/gguf-type.js'
import { describeModel } from '../model/describe-model.js'
import { openModelFile } from '../model/open-model-file.js'
import { roundings } from '../quantization/encode-rows.js'
import { requestInvalid } from '../schema/request-invalid.js'
import { convertFile, type CalibrationText, type ConvertedFile } from './convert-file.js'
import { convertToFolder } from './convert-to-folder.js'
import { deviceOf, onProcessor, withDeviceOptions, type DeviceOptions } from './device.js'
import { ggufTypeName } from './export-command.js'
import { formatBytes } from './format.js'
import { quoted } from './next-steps.js'
import { integer } from './option-values.js'
import { Output, type OutputOptions } from './output.js'
import {
  folderTypeOf,
  folderTypes,
  withBlockOptions,
  type BlockOptions,
  type FolderType,
} from './quantizer-options.js'
import {
  calibratedRounding,
  plainRounding,
  withRoundingOptions,
  type RoundingOptions,
} from './rounding-options.js'
import { withOutputOptions } from './shared-options.js'
import { refuseExisting } from './refuse-existing.js'

interface ConvertOptions extends OutputOptions, DeviceOptions, RoundingOptions, BlockOptions {
  readonly type: GgufType | FolderType
  readonly rank?: number
  readonly out: string
}

/** Of branches that can be trained. */
const mostBranchRank = 1024

/** `zerotune convert`. */
export function addConvertCommand(program: Command): void {
  const command = program
    .command('convert')
    .description(
      'write a model as a GGUF file of another type, or as a folder of integers in blocks or of codes with a table',
    )
    .argument('<model>', 'GGUF file, or folder of safetensors files or of an ONNX model')
    .requiredOption(
      '--type <type>',
      `of a file: one of ${ggufTypes.join(', ')}; of a folder: one of ${folderTypes.join(', ')}`,
      (value: string) => folderTypeOf(value) ?? ggufTypeName(value),
    )
    .requiredOption('--out <path>', 'where it will be')
    .option(
      '--rank <n>',
      `of the branches of --rounding svd (default: ${usualBranchRank})`,
      integer(1, mostBranchRank),
    )
  withRoundingOptions(withBlockOptions(command), 'has to be named')
  withOutputOptions(withDeviceOptions(command)).action(async (path: string, options: ConvertOptions) => {
    const output = new Output(options)
    const { out } = options
    const folderType = folderTypeOf(options.type)
    if (folderType !== undefined) {
      await writeFolder(path, folderType, options, output)
      return
    }
    refuseBlocks(options)
    const type = ggufTypeName(options.type)
    const calibrated = calibratedRounding(type, options)
    if (options.rank !== undefined && calibrated !== 'svd')
      throw requestInvalid('--rank is for --rounding svd')
    refuseExisting(out)
    const { layerCount, reader } = aboutModel(path)
    const text = calibrated === null ? null : await calibrationText(calibrated, reader(), options)
    const conversion = { type, layerCount, changes: noChanges, rounding: plainRounding(options) }
    const written = await convertFile(path, conversion, out, output, text)
    output.result({ format: 'gguf', type, ...written }, [
      `wrote ${out}, ${formatBytes(written.byteLength)}`,
      '  read back and compared: every tensor is as it was written',
      ...loraLines(written),
    ])
  })
}

/** What was written beside the model. */
function loraLines({ path, lora }: ConvertedFile): string[] {
  if (lora === undefined) return []
  return [
    `wrote ${lora.path}, ${formatBytes(lora.byteLength)}: branches that belong to the codes, which llama.cpp puts over the model (--lora)`,
    `  go on with: zerotune train ${quoted(path)} --recipe exact-lora --linears all --lora-rank ${lora.rank} --lora ${quoted(lora.path)}`,
  ]
}

/** Writes a folder of the type that the flags say. Throws as `convertToFolder`. */
async function writeFolder(
  path: string,
  type: FolderType,
  { bits, block, grid, rounding, calibration, out }: ConvertOptions,
  output: Output,
): Promise<void> {
  const plain = roundings.find((way) => way === rounding)
  if (calibration !== undefined || plain !== rounding) {
    throw requestInvalid(
      `${type} is rounded block by block, by ${roundings.join(' or ')}: leave --calibration out`,
    )
  }
  refuseExisting(out)
  const choice = { type, bits, block, grid, rounding: plain }
  const written = await convertToFolder(path, choice, out, output)
  output.result({ format: 'safetensors', ...choice, ...written }, [
    `wrote ${out}, ${formatBytes(written.byteLength)}`,
    '  read back and compared: every tensor is as it was written',
  ])
}

/** @throws EngineError 'request-invalid' for flags that types of GGUF do not have */
function refuseBlocks({ type, bits, block, grid }: ConvertOptions): void {
  if ([bits, block, grid].every((value) => value === undefined)) return
  throw requestInvalid(`${type} has blocks of its own: leave --bits, --block and --grid out`)
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
  const { rank = usualBranchRank } = options
  return { rounding, rank, rows, device: await deviceOf(options, onProcessor) }
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
