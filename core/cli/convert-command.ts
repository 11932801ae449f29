import type { Command } from 'commander'
import { createTokenizer } from '../data/tokenizer/create-tokenizer.js'
import { noChanges } from '../engine/model-changes.js'
import { readCalibrationRows, type TextReader } from '../export/calibrated/calibration-rows.js'
import { usualBranchRank } from '../export/calibrated/round-layers.js'
import { refuseUnturnable } from '../export/rotated/rotations.js'
import { ggufTypes, type GgufType } from '../schema/gguf-type.js'
import { describeModel } from '../model/describe-model.js'
import type { ModelDescription } from '../model/description.js'
import { openModelFile } from '../model/open-model-file.js'
import { roundings } from '../quantization/encode-rows.js'
import { requestInvalid } from '../schema/request-invalid.js'
import { convertFile, type ConvertedFile } from './convert-file.js'
import { convertToFolder } from './convert-to-folder.js'
import { deviceOf, onProcessor, withDeviceOptions, type DeviceOptions } from './device.js'
import { ggufTypeName } from './export-command.js'
import { formatBytes } from './format.js'
import { quoted } from './next-steps.js'
import { integer } from './option-values.js'
import { Output, type OutputOptions } from './output.js'
import { withRotationOptions, type RotationOptions } from './rotation-options.js'
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

interface ConvertOptions
  extends OutputOptions, DeviceOptions, RoundingOptions, RotationOptions, BlockOptions {
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
  withRoundingOptions(withRotationOptions(withBlockOptions(command)), 'has to be named')
  withOutputOptions(withDeviceOptions(command)).action(async (path: string, options: ConvertOptions) => {
    const output = new Output(options)
    const { out, rotate } = options
    const folderType = folderTypeOf(options.type)
    if (folderType !== undefined) {
      if (rotate !== undefined) throw requestInvalid('--rotate is for GGUF files: leave it out for a folder')
      await writeFolder(path, folderType, options, output)
      return
    }
    refuseBlocks(options)
    const type = ggufTypeName(options.type)
    const rounding = calibratedRounding(type, options, rotate === 'kurtail')
    if (options.rank !== undefined && rounding !== 'svd') throw requestInvalid('--rank is for --rounding svd')
    refuseExisting(out)
    const { description, reader } = aboutModel(path)
    if (rotate !== undefined) refuseUnturnable(description)
    const way =
      rotate === 'kurtail' ? '--rotate kurtail' : rounding === null ? null : `--rounding ${rounding}`
    const rows = way === null ? [] : calibrationRowsFor(way, reader, options)
    const runs = rounding !== null || rotate !== undefined
    const device = await deviceOf(runs ? options : {}, onProcessor)
    const { layerCount } = description
    const conversion = { type, layerCount, changes: noChanges, rounding: plainRounding(options) }
    const { rank } = options
    const text = rounding === null ? null : { rounding, rows, device, ...(rank !== undefined && { rank }) }
    const turning = rotate === undefined ? null : { rotation: rotate, rows, device }
    const written = await convertFile(path, conversion, out, output, text, turning)
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

/**
 * @param way the flag that wants them
 * @throws EngineError 'request-invalid' where no text is named, and those of `readCalibrationRows`
 */
function calibrationRowsFor(
  way: string,
  reader: () => TextReader,
  { calibration }: ConvertOptions,
): readonly Int32Array[] {
  if (calibration === undefined) {
    throw requestInvalid(
      `${way} goes by what the model reads: name some text, of the kind that it is for, with --calibration FILE`,
    )
  }
  return readCalibrationRows(calibration, reader())
}

interface ModelFacts {
  readonly description: ModelDescription
  readonly reader: () => TextReader
}

function aboutModel(path: string): ModelFacts {
  const { source, file } = openModelFile(path)
  try {
    const description = describeModel(file, source)
    const { contextLength } = description
    return { description, reader: () => ({ tokenizer: createTokenizer(file.metadata, path), contextLength }) }
  } finally {
    source.close()
  }
}
