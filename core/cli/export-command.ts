import { basename, join } from 'node:path'
import { InvalidArgumentError, type Command } from 'commander'
import type { OpenGraphModel } from '../engine/open-graph-model.js'
import { ggufTypes, type GgufType } from '../schema/gguf-type.js'
import { EngineError } from '../schema/engine-error.js'
import { requestIssue } from '../schema/request-issues.js'
import { isGraphRun, openAnyRun, type TrainedRun } from '../training/open-trained.js'
import type { RunFolder } from '../training/run-folder.js'
import { deviceFor, deviceOf, onProcessor, withDeviceOptions, type DeviceOptions } from './device.js'
import { exportFormats, type ExportFormat } from './export-formats.js'
import { modelHashes } from './model-hashes.js'
import { nextSteps } from './next-steps.js'
import { Output, type OutputOptions } from './output.js'
import { roundingOfExport, withRoundingOptions, type RoundingOptions } from './rounding-options.js'
import { withOutputOptions } from './shared-options.js'
import { writeGraph } from './write-graph.js'
import { refuseExisting } from './refuse-existing.js'
import { writeAdapter, writeLora, writeModel } from './write-export.js'

interface ExportOptions extends OutputOptions, DeviceOptions, RoundingOptions {
  readonly format?: ExportFormat
  readonly type?: GgufType
  readonly out?: string
}

/** `zerotune export`. */
export function addExportCommand(program: Command): void {
  const command = program
    .command('export')
    .description(
      'write what a run made: a GGUF file, a GGUF LoRA file, an ONNX or safetensors folder, or an adapter',
    )
    .argument('<run>', 'folder of the run')
    .option(
      '--format <format>',
      `one of ${exportFormats.join(', ')} (default: gguf; onnx for models that run by their own graph)`,
      formatName,
    )
    .option(
      '--type <type>',
      `of a GGUF file: one of ${ggufTypes.join(', ')} (default: the types of the base, exactly)`,
      ggufTypeName,
    )
    .option('--out <path>', "where it will be (default: in the run's folder, named after it)")
  withRoundingOptions(command, "default: the run's training rows")
  withOutputOptions(withDeviceOptions(command)).action(async (path: string, options: ExportOptions) => {
    const output = new Output(options)
    const run = openAnyRun(path, modelHashes())
    if (isGraphRun(run)) {
      await exportGraphRun(run, options, output)
      return
    }
    const { format = 'gguf', type } = options
    if (type !== undefined && format !== 'gguf') throw typeWithoutGguf(format)
    const rounding = roundingOfExport(type, options)
    const target = options.out ?? defaultTarget(run.folder, format, type)
    refuseExisting(target)
    if (format === 'adapter') writeAdapter(run, target, output)
    else if (format === 'gguf-lora') writeLora(run, target, output)
    else
      await writeModel(run, { format, type, rounding }, target, await deviceOf(options, onProcessor), output)
    for (const line of nextSteps(format, target, run.job.task)) output.say(line)
  })
}

/** A model that ran by its own graph is written as that graph. @throws EngineError 'request-invalid' for another format */
async function exportGraphRun(
  run: TrainedRun<OpenGraphModel>,
  options: ExportOptions,
  output: Output,
): Promise<void> {
  const { format = 'onnx', type } = options
  if (type !== undefined) throw typeWithoutGguf(format)
  roundingOfExport(type, options)
  if (format !== 'onnx') throw requestIssue('format-of-graph', { format })
  const target = options.out ?? defaultTarget(run.folder, format)
  refuseExisting(target)
  await writeGraph(run, target, await deviceFor(run.model, options, onProcessor), output)
}

/** Where an export is written unless told. */
export function defaultTarget({ path }: RunFolder, format: ExportFormat, type?: GgufType): string {
  const name = basename(path)
  if (type !== undefined) return join(path, `${name}.${type}.gguf`)
  const names: Readonly<Record<ExportFormat, string>> = {
    gguf: `${name}.gguf`,
    'gguf-lora': `${name}.lora.gguf`,
    onnx: `${name}-onnx`,
    safetensors: `${name}-safetensors`,
    adapter: `${name}.adapter.jsonl.gz`,
  }
  return join(path, names[format])
}

function formatName(value: string): ExportFormat {
  const found = exportFormats.find((format) => format === value)
  if (found !== undefined) return found
  throw new InvalidArgumentError(`Expected one of ${exportFormats.join(', ')}.`)
}

/** The type of a GGUF file as people type it. Throws InvalidArgumentError for another. */
export function ggufTypeName(value: string): GgufType {
  const found = ggufTypes.find((type) => type === value.toLowerCase().replace(/_m$/, ''))
  if (found !== undefined) return found
  throw new InvalidArgumentError(`Expected one of ${ggufTypes.join(', ')}.`)
}

function typeWithoutGguf(format: ExportFormat): EngineError {
  const sentence = `--type is for GGUF files; an export as ${format} has its own`
  return new EngineError('request-invalid', { issues: [sentence] }, sentence)
}
