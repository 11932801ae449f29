import { openByteSource } from '../formats/byte-source.js'
import { readGguf } from '../formats/gguf/read-gguf.js'
import type { ModelSummary } from '../schema/model-summary.js'
import { summarizeModel } from './summary.js'

/** Reads a model file's header and sums it up. @throws EngineError 'file-unreadable', 'model-malformed' */
export function inspectModel(path: string): ModelSummary {
  const source = openByteSource(path)
  try {
    return summarizeModel(readGguf(source), source)
  } finally {
    source.close()
  }
}
