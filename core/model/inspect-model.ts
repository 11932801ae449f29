import type { ModelSummary } from '../schema/model-summary.js'
import { openModelFile } from './open-model-file.js'
import { summarizeModel } from './summary.js'

/** Reads a model file's header and sums it up. @throws EngineError 'file-unreadable', 'model-malformed' */
export function inspectModel(path: string): ModelSummary {
  const { source, file } = openModelFile(path)
  try {
    return summarizeModel(file, source)
  } finally {
    source.close()
  }
}
