import type { ModelChanges } from '../../engine/model-changes.js'
import type { ByteSource } from '../../formats/byte-source.js'
import type { GgufFile, GgufTensor } from '../../formats/gguf/gguf-file.js'
import type { ModelDescription } from '../../model/description.js'
import type { ReadRow } from '../../quantization/encode-rows.js'
import { trainedByName, trainedRows } from '../trained-rows.js'

/** An open model, and what training made of it. */
export interface ChangedModel {
  readonly source: ByteSource
  readonly file: GgufFile
  readonly description: ModelDescription
  readonly changes: ModelChanges
}

/** Reads the rows of any of a model's tensors as training left them. */
export function readersOf({
  source,
  file,
  description,
  changes,
}: ChangedModel): (tensor: GgufTensor) => ReadRow {
  const trained = trainedByName({ source, file, layerCount: description.layerCount, changes })
  return (tensor) => trainedRows(source, trained, tensor)
}
