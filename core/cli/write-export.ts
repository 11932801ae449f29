import { exportAdapter } from '../export/adapter.js'
import type { GgufType } from '../schema/gguf-type.js'
import { exportGgufLora } from '../export/gguf-lora.js'
import { exportGguf } from '../export/gguf.js'
import type { GgufExport } from '../export/gguf-export.js'
import type { OnnxExport } from '../export/onnx/export-onnx.js'
import { exportOnnxModel } from '../export/onnx/export-onnx-model.js'
import type { SameGraphExport } from '../export/onnx/export-same-graph.js'
import { exportSafetensors, type SafetensorsExport } from '../export/safetensors/export-safetensors.js'
import { planSafetensors, type SafetensorsRequest } from '../export/safetensors/plan-safetensors.js'
import { isOnnxModel } from '../model/onnx/open-onnx-model.js'
import { openModelFile, readMetadataAt } from '../model/open-model-file.js'
import type { Device } from '../runtime/device.js'
import type { TrainedRun } from '../training/open-trained.js'
import { calibrationRows, readCalibrationRows } from '../export/calibrated/calibration-rows.js'
import { reopenRunData } from '../training/open-data.js'
import { convertFile } from './convert-file.js'
import { compareRounding, type Rounding } from './compare-rounding.js'
import type { ModelFormat } from './export-formats.js'
import { formatBytes, formatCount, formatShare } from './format.js'
import type { Output } from './output.js'
import { refuseLossyMerge } from './refuse-lossy-merge.js'
import type { RoundingWay } from './rounding-options.js'

/** Writes a run's adapter and says what it wrote. */
export function writeAdapter(run: TrainedRun, target: string, output: Output): void {
  const { adapter, byteLength } = exportAdapter(run, target)
  const { steps, stateSha256 } = adapter.manifest
  const bytesPerStep = Math.round(byteLength / Math.max(1, steps))
  output.result({ format: 'adapter', path: target, byteLength, steps, bytesPerStep, stateSha256 }, [
    `wrote ${target}, ${formatBytes(byteLength)} (${formatCount(steps)} steps, ${bytesPerStep} bytes a step)`,
  ])
}

/** Writes a run's low-rank branches as a file for llama.cpp, and says what it wrote. */
export function writeLora({ model, parameters, step }: TrainedRun, target: string, output: Output): void {
  const { description } = model.model
  const written = exportGgufLora({ model: description, changes: parameters, target })
  output.result({ format: 'gguf-lora', ...written, step }, [
    `wrote ${target}, ${formatBytes(written.byteLength)}`,
    `  read back and compared: ${written.trainedTensorCount} tensors, exactly as trained`,
  ])
}

/** A whole model's format, and the type of a GGUF file where it is not to be the base's. */
export interface ModelTarget {
  readonly format: ModelFormat
  readonly type?: GgufType | undefined
  /** Of that type; a search unless said. */
  readonly rounding?: RoundingWay
}

/** Writes the adapted model, loads it again, and says what writing it down cost on the dev rows. */
export async function writeModel(
  run: TrainedRun,
  asked: ModelTarget,
  target: string,
  device: Device,
  output: Output,
): Promise<void> {
  const { format } = asked
  output.live(`writing ${target}`)
  const written = await writeWholeModel(run, asked, target, device, output)
  output.say(`wrote ${target}, ${formatBytes(written.byteLength)}`)
  output.say(`  ${checkedLine(written)}`)
  if ('logitDifference' in written && isOnnxModel(run.model.model.path)) {
    output.say("  note: the base's graph has no room for what was trained, so this is a graph of ours")
  }
  const rounding = await compareRounding(run, format, target, device, output)
  if (rounding !== null && format !== 'onnx') refuseLossyMerge(run, rounding, target)
  if (rounding !== null) for (const line of roundingLines(rounding)) output.say(`  ${line}`)
  output.emit({ format, ...written, path: target, step: run.step, rounding })
}

type WrittenModel = GgufExport | OnnxExport | SameGraphExport | SafetensorsExport

async function writeWholeModel(
  run: TrainedRun,
  asked: ModelTarget,
  target: string,
  device: Device,
  output: Output,
): Promise<WrittenModel> {
  const { model, parameters } = run
  switch (asked.format) {
    case 'gguf':
      return writeGgufFile(run, asked, target, device, output)
    case 'safetensors':
      return writeSafetensorsFolder(run, target, output)
    case 'onnx':
      return exportOnnxModel({
        folder: target,
        model: model.model,
        trained: parameters,
        tokenizer: model.tokenizer,
        metadata: readMetadataAt(model.model.path),
        device,
      })
  }
}

/** How a written model was compared. */
export function checkedLine(written: WrittenModel): string {
  if ('logitDifference' in written) {
    return `loaded again and compared: its logits are the engine's to ${written.logitDifference.toExponential(0)}`
  }
  if (!('trainedTensorCount' in written) || !written.keepsBase) {
    return 'read back and compared: every tensor is as it was written'
  }
  return `read back and compared: ${written.trainedTensorCount} tensors changed, every other byte is the base file's`
}

async function writeGgufFile(
  run: TrainedRun,
  { type, rounding }: ModelTarget,
  target: string,
  device: Device,
  output: Output,
): Promise<GgufExport> {
  const { model, parameters } = run
  const { path, description } = model.model
  if (type === undefined) return exportGguf({ basePath: path, target, changes: parameters })
  const { layerCount } = description
  const conversion = { type, layerCount, changes: parameters, ...(rounding && { rounding: rounding.plain }) }
  const calibrated = rounding?.calibrated ?? null
  if (calibrated === null) return convertFile(path, conversion, target, output, null)
  const rows = rowsToRead(run, rounding?.calibration)
  return convertFile(path, conversion, target, output, { rounding: calibrated, rows, device })
}

/** Rows of the text that was named, or of those that the run was trained on. */
function rowsToRead({ job, model, folder }: TrainedRun, path: string | undefined): readonly Int32Array[] {
  const { contextLength } = model.model.description
  if (path !== undefined) return readCalibrationRows(path, { tokenizer: model.tokenizer, contextLength })
  const { train } = reopenRunData(job, model, folder.path)
  return calibrationRows(train.dataset.examples, job.data.path, contextLength)
}

async function writeSafetensorsFolder(
  { model, parameters }: TrainedRun,
  folder: string,
  output: Output,
): Promise<SafetensorsExport> {
  const { path, description } = model.model
  const { source, file } = openModelFile(path)
  try {
    const { tokenizer } = model
    const request = { source, file, description, tokenizer, changes: parameters, folder }
    return await writeSayingSize(request, output)
  } finally {
    source.close()
  }
}

/** Writes a folder, and says before how large it will be. Throws as `exportSafetensors`. */
export function writeSayingSize(request: SafetensorsRequest, output: Output): Promise<SafetensorsExport> {
  const { folder, source } = request
  const tensors = planSafetensors(request)
  const bytes = tensors.reduce((sum, { byteLength }) => sum + byteLength, 0)
  output.say(`${folder} will have ${formatBytes(bytes)} (the base has ${formatBytes(source.byteLength)})`)
  return exportSafetensors(request, tensors)
}

/** What writing a model down cost. */
export function roundingLines({ rows, before, after }: Rounding): string[] {
  const figures = ({ loss, accuracy }: Rounding['before']): string =>
    `loss ${loss < 0.01 ? loss.toPrecision(4) : loss.toFixed(5)}${accuracy === null ? '' : `, accuracy ${formatShare(accuracy)}`}`
  const cost = after.loss - before.loss
  const change = Math.abs(cost) < 5e-6 ? 'less than 0.00001' : `${cost > 0 ? '+' : ''}${cost.toFixed(5)}`
  return [
    `on ${formatCount(rows)} dev rows: ${figures(before)} in the engine; ${figures(after)} from the file`,
    `rounding to the file's number types changed the loss by ${change}`,
  ]
}
