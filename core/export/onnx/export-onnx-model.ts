import { isOnnxModel, openOnnxModel } from '../../model/onnx/open-onnx-model.js'
import { refusePrompt } from '../refuse-prompt.js'
import { exportOnnx, type OnnxExport, type OnnxExportRequest } from './export-onnx.js'
import { exportSameGraph, type SameGraphExport } from './export-same-graph.js'
import { keepsGraph } from './keeps-graph.js'

/**
 * Writes a trained model in ONNX: a model that came in ONNX with its own graph where that has room for what was trained, any other with
 * a graph of ours.
 *
 * @throws EngineError as `exportOnnx` and `exportSameGraph`
 */
export function exportOnnxModel(request: OnnxExportRequest): Promise<OnnxExport | SameGraphExport> {
  const { model, trained, folder } = request
  const { path, description } = model
  const { layerCount } = description
  if (trained === null || !isOnnxModel(path) || !hasRoom(path, layerCount, trained))
    return exportOnnx(request)
  refusePrompt(trained, 'an ONNX folder')
  return exportSameGraph({ basePath: path, layerCount, folder, changes: trained })
}

function hasRoom(
  path: string,
  layerCount: number,
  changes: NonNullable<OnnxExportRequest['trained']>,
): boolean {
  const { source, parts } = openOnnxModel(path)
  try {
    return keepsGraph(parts, layerCount, changes)
  } finally {
    source.close()
  }
}
