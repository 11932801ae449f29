import type { ByteSource } from '../formats/byte-source.js'
import type { GgufFile, GgufTensor } from '../formats/gguf/gguf-file.js'
import type { ModelChanges } from '../engine/model-changes.js'
import { splitFusedTensors } from '../model/fused-tensors.js'
import type { ReadRow } from '../quantization/encode-rows.js'
import { readRows } from '../quantization/read-rows.js'
import { trainedTensors, type TrainedTensor } from './trained-tensors.js'

/** An open model, and what training made of it. */
export interface TrainedModel {
  readonly source: ByteSource
  readonly file: GgufFile
  readonly layerCount: number
  readonly changes: ModelChanges
}

/** Trained tensors by their names, the parts of fused tensors apart. */
export type TrainedByName = ReadonlyMap<string, TrainedTensor>

export function trainedByName({ source, file, layerCount, changes }: TrainedModel): TrainedByName {
  const trained = trainedTensors(source, splitFusedTensors(file), layerCount, changes)
  return new Map(trained.map((item) => [item.tensor.name, item]))
}

/** The rows of a tensor, or of a part of one, as training left them. */
export function trainedRows(source: ByteSource, trained: TrainedByName, tensor: GgufTensor): ReadRow {
  return trained.get(tensor.name)?.readRows(source) ?? readRows(source, tensor)
}
