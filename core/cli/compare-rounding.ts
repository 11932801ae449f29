import type { Dataset } from '../data/example.js'
import { loadModel } from '../engine/loaded-model.js'
import type { AnyOpenModel } from '../engine/open-graph-model.js'
import { isExportedFolder, openOnnxFolder } from '../engine/onnx-folder.js'
import { evaluateLogits } from '../evaluation/evaluate-logits.js'
import type { Evaluation } from '../evaluation/evaluate.js'
import type { Device } from '../runtime/device.js'
import { EngineError } from '../schema/engine-error.js'
import type { EvaluationFigures } from '../schema/events.js'
import { reopenRunData } from '../training/open-data.js'
import type { TrainedRun } from '../training/open-trained.js'
import { besideBase, evaluateShowing, finish, type JudgedRows } from './evaluate-showing.js'
import type { Output } from './output.js'
import type { ModelFormat } from './export-formats.js'

/** Figures on the same rows: of the trained state itself, and of the file it was written to. */
export interface Rounding {
  readonly rows: number
  readonly before: EvaluationFigures
  readonly after: EvaluationFigures
}

/** Most rows for an ONNX folder with a graph of ours, whose rows run one at a time. */
const onnxRows = 200

/**
 * Evaluates a run's state and an export of it, loaded again, on the run's dev rows. Null, with a note, where the rows are
 * gone: an export does not need them.
 */
export async function compareRounding(
  run: TrainedRun,
  format: ModelFormat,
  path: string,
  device: Device,
  output: Output,
): Promise<Rounding | null> {
  const dataset = devRows(run, output)
  if (dataset === null) return null
  const runsGraph = format === 'onnx' && isExportedFolder(path)
  const examples = runsGraph ? spread(dataset.examples, onnxRows) : dataset.examples
  const base = run.model.model
  const rows = await besideBase(output, device, base, { ...dataset, examples })
  const before = await evaluateShowing(output, device, base, rows, run.parameters.overrides(null))
  // There may be memory for one of the two.
  base.layers.letGo()
  const after = runsGraph
    ? await evaluateFolder(path, rows, device, output)
    : await evaluateWritten(path, run.job.streamedLayers, rows, device, output)
  return { rows: examples.length, before: before.figures, after: after.figures }
}

/** A run's dev rows; null, with a note, where they are gone. */
export function devRows({ job, model, folder }: TrainedRun<AnyOpenModel>, output: Output): Dataset | null {
  try {
    return reopenRunData(job, model, folder.path).dev.dataset
  } catch (thrown) {
    if (!(thrown instanceof EngineError)) throw thrown
    output.say(`note: what rounding cost could not be measured: ${thrown.message}`)
    return null
  }
}

async function evaluateWritten(
  path: string,
  streamedLayers: number,
  rows: JudgedRows,
  device: Device,
  output: Output,
): Promise<Evaluation> {
  const model = loadModel(path)
  try {
    model.layers.streamBelow(streamedLayers)
    return await evaluateShowing(output, device, model, rows, () => null)
  } finally {
    model.close()
  }
}

async function evaluateFolder(
  path: string,
  { examples, objective, baseMargins }: JudgedRows,
  device: Device,
  output: Output,
): Promise<Evaluation> {
  const { model } = await openOnnxFolder(path, device, new Date(0))
  try {
    return await finish(output, evaluateLogits(model, examples, objective, baseMargins))
  } finally {
    await model.close()
  }
}

/** At most `count` items, evenly spread. */
function spread<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items
  return Array.from({ length: count }, (_, index) => items[Math.floor((index * items.length) / count)])
}
