import { openGraphModel, type OpenGraphModel } from '../engine/open-graph-model.js'
import { exportGraph } from '../export/onnx/export-graph.js'
import type { Device } from '../runtime/device.js'
import type { TrainedRun } from '../training/open-trained.js'
import { devRows, type Rounding } from './compare-rounding.js'
import { besideBase, evaluateShowing } from './evaluate-showing.js'
import { formatBytes } from './format.js'
import type { Output } from './output.js'
import { checkedLine, roundingLines } from './write-export.js'

/** Writes the graph of a run with its trained scales, runs it, and says what writing it down cost on the dev rows. */
export async function writeGraph(
  run: TrainedRun<OpenGraphModel>,
  target: string,
  device: Device,
  output: Output,
): Promise<void> {
  output.live(`writing ${target}`)
  const written = await exportGraph({ model: run.model.model, trained: run.parameters, folder: target })
  output.say(`wrote ${target}, ${formatBytes(written.byteLength)}`)
  output.say(`  ${checkedLine(written)}`)
  const rounding = await compareGraph(run, written.graphFile, device, output)
  if (rounding !== null) for (const line of roundingLines(rounding)) output.say(`  ${line}`)
  output.emit({ format: 'onnx', ...written, path: target, step: run.step, rounding })
}

/** Evaluates a run's state and the graph that it was written to, on the run's dev rows. */
async function compareGraph(
  run: TrainedRun<OpenGraphModel>,
  graphFile: string,
  device: Device,
  output: Output,
): Promise<Rounding | null> {
  const dataset = devRows(run, output)
  if (dataset === null) return null
  const { model } = run.model
  const rows = await besideBase(output, device, model, dataset)
  const before = await evaluateShowing(output, device, model, rows, run.parameters.overrides(null))
  const exported = openGraphModel(graphFile, new Date(0))
  try {
    const after = await evaluateShowing(output, device, exported.model, rows, () => null)
    return { rows: rows.examples.length, before: before.figures, after: after.figures }
  } finally {
    exported.model.close()
  }
}
