import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { InvalidArgumentError, type Command } from 'commander'
import { exportAdapter } from '../export/adapter.js'
import { exportGguf } from '../export/gguf.js'
import { exportOnnx } from '../export/onnx/export-onnx.js'
import { openByteSource } from '../formats/byte-source.js'
import type { GgufValue } from '../formats/gguf/gguf-file.js'
import { readGguf } from '../formats/gguf/read-gguf.js'
import { EngineError } from '../schema/engine-error.js'
import { openTrainedRun, type TrainedRun } from '../training/open-trained.js'
import { compareRounding, type Rounding } from './compare-rounding.js'
import { deviceOf, withDeviceOptions, type DeviceOptions } from './device.js'
import { formatBytes, formatCount, formatShare } from './format.js'
import { nextSteps } from './next-steps.js'
import { Output, type OutputOptions } from './output.js'
import { withOutputOptions } from './shared-options.js'

const formats = ['gguf', 'onnx', 'adapter'] as const
type Format = (typeof formats)[number]

interface ExportOptions extends OutputOptions, DeviceOptions {
  readonly format: Format
  readonly out?: string
}

/** `zerotune export`. */
export function addExportCommand(program: Command): void {
  const command = program
    .command('export')
    .description('write what a run made: a GGUF file, an ONNX folder, or an adapter of kilobytes')
    .argument('<run>', 'folder of the run')
    .option('--format <format>', `one of ${formats.join(', ')}`, formatName, 'gguf')
    .option('--out <path>', "where it will be (default: in the run's folder, named after it)")
  withOutputOptions(withDeviceOptions(command)).action(async (path: string, options: ExportOptions) => {
    const output = new Output(options)
    const { format } = options
    const run = openTrainedRun(path)
    const target = options.out ?? defaultTarget(run, format)
    // Before anything long is done; the writers check again.
    if (existsSync(target)) {
      throw new EngineError(
        'file-exists',
        { path: target },
        `'${target}' already exists; choose another --out`,
      )
    }
    if (format === 'adapter') writeAdapter(run, target, output)
    else await writeModel(run, format, target, options, output)
  })
}

function writeAdapter(run: TrainedRun, target: string, output: Output): void {
  const { adapter, byteLength } = exportAdapter(run, target)
  const { steps, stateSha256 } = adapter.manifest
  const bytesPerStep = Math.round(byteLength / Math.max(1, steps))
  output.result({ format: 'adapter', path: target, byteLength, steps, bytesPerStep, stateSha256 }, [
    `wrote ${target}, ${formatBytes(byteLength)} (${formatCount(steps)} steps, ${bytesPerStep} bytes a step)`,
    ...nextSteps('adapter', target),
  ])
}

async function writeModel(
  run: TrainedRun,
  format: 'gguf' | 'onnx',
  target: string,
  options: ExportOptions,
  output: Output,
): Promise<void> {
  const device = deviceOf(options)
  const { model, parameters } = run
  output.live(`writing ${target}`)
  const written =
    format === 'gguf'
      ? exportGguf({
          basePath: model.model.path,
          target,
          factorsOf: (layer, name) => parameters.scaleFactors(layer, name),
        })
      : await exportOnnx({
          folder: target,
          model: model.model,
          trained: parameters,
          tokenizer: model.tokenizer,
          metadata: readMetadata(model.model.path),
          device,
        })
  output.say(`wrote ${target}, ${formatBytes(written.byteLength)}, and verified it by reading it back`)
  if ('trainedTensorCount' in written) {
    output.say(`${written.trainedTensorCount} tensors changed; every other byte is the base file's`)
  } else {
    output.say(`its logits are the engine's, to ${written.logitDifference.toExponential(1)}`)
  }
  const rounding = await compareRounding(run, format, target, device, output)
  if (rounding !== null) for (const line of roundingLines(rounding)) output.say(line)
  for (const line of nextSteps(format, target)) output.say(line)
  output.emit({ format, ...written, path: target, step: run.step, rounding })
}

/** What writing the state down cost, on the run's dev rows. */
function roundingLines({ rows, before, after }: Rounding): string[] {
  const figures = ({ loss, accuracy }: Rounding['before']) =>
    `loss ${loss.toFixed(5)}${accuracy === null ? '' : `, accuracy ${formatShare(accuracy)}`}`
  const cost = after.loss - before.loss
  return [
    `on ${formatCount(rows)} dev rows: ${figures(before)} in the engine, ${figures(after)} from the file`,
    `writing it down changed the loss by ${cost < 0 ? '' : '+'}${cost.toFixed(5)}`,
  ]
}

function defaultTarget({ folder }: TrainedRun, format: Format): string {
  const name = basename(folder.path)
  const file = { gguf: `${name}.gguf`, onnx: `${name}-onnx`, adapter: `${name}.adapter.jsonl.gz` }[format]
  return join(folder.path, file)
}

function readMetadata(path: string): ReadonlyMap<string, GgufValue> {
  const source = openByteSource(path)
  try {
    return readGguf(source).metadata
  } finally {
    source.close()
  }
}

function formatName(value: string): Format {
  const found = formats.find((format) => format === value)
  if (found !== undefined) return found
  throw new InvalidArgumentError(`Expected one of ${formats.join(', ')}.`)
}
