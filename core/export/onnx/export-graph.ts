import { join } from 'node:path'
import type { GraphModel, GraphScales } from '../../engine/graph-model.js'
import { writeFolderAtomically } from '../../formats/atomic-folder.js'
import { requireFreeSpace } from '../../formats/free-space.js'
import type { TrainedState } from '../../parameters/trained-parameters.js'
import { floatFormatOf } from '../../quantization/encode-rows.js'
import { relativeError, unrepresentable } from '../../quantization/stored-number.js'
import type { SameGraphExport } from './export-same-graph.js'
import { modelFiles, writeSameFiles } from './same-files.js'
import type { NewData } from './write-blocks.js'

/** A written folder, and the graph in it. */
export interface GraphExport extends SameGraphExport {
  readonly graphFile: string
}

/** A model that ran by its own graph, and what training made of its scales. */
export interface GraphExportRequest {
  readonly model: GraphModel
  readonly trained: TrainedState
  /** Where the folder will be; nothing may be there. */
  readonly folder: string
}

/**
 * Writes a model that ran by its own graph as the same files with the scales that it was trained to, and compares every other byte with
 * the base's. Scales in float32 are those that the engine ran with, to the bit; others are rounded to their type.
 *
 * @throws EngineError `file-exists`, `file-unwritable`, `file-unreadable`, `value-unrepresentable`, `export-mismatch`
 */
export async function exportGraph(request: GraphExportRequest): Promise<GraphExport> {
  const { model, trained, folder } = request
  const files = modelFiles(model.textFolder, model.onnx.sources)
  requireFreeSpace(folder, files.byteLength)
  return writeFolderAtomically(folder, (temporary) => {
    const { changedTensorCount, largestRoundingError } = writeSameFiles(
      files,
      scalePatches(model, trained),
      temporary,
    )
    return Promise.resolve({
      folder,
      graphFile: join(folder, files.weights[0]),
      byteLength: files.byteLength,
      trainedTensorCount: changedTensorCount,
      keepsBase: true as const,
      largestRoundingError,
    })
  })
}

/** The scales that are not as they were. */
function* scalePatches({ scales }: GraphModel, trained: TrainedState): Generator<NewData> {
  const tensors = trained.overrides(null)(0, null)?.tensors ?? {}
  for (const each of scales) {
    const data = tensors[each.input].data
    if (!(data instanceof Float32Array)) continue
    if (data.some((value, index) => value !== each.initial[index])) yield newScales(each, data)
  }
}

function newScales({ tensor }: GraphScales, values: Float32Array): NewData {
  const outline = { ...tensor, type: tensor.dtype }
  const format = floatFormatOf(outline)
  const bytes = new Uint8Array(tensor.byteLength)
  const view = new DataView(bytes.buffer)
  let roundingError = 0
  values.forEach((value, index) => {
    const position = index * format.byteLength
    if (!format.write(view, position, value)) throw unrepresentable(outline, index, value)
    roundingError = Math.max(roundingError, relativeError(format.read(view, position), value))
  })
  return { tensor, bytes, roundingError }
}
