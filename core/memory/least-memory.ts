import type { ModelSummary } from '../schema/model-summary.js'
import { bytesPerVocabularyEntry, programBytes } from './plan.js'

/** Activations of the shortest usual run of a block, for each number of a hidden state. */
const bytesPerWidth = 4 * 512 * 16

/** What training takes of a model whatever its rows; the plan of a run is exact, and needs them. */
export interface LeastMemory {
  /** With all layers in memory. */
  readonly keptBytes: number
  /** With layers read from the file at every step: one is computed with while the next one comes. */
  readonly streamedBytes: number
}

/** What training takes at least of a model that is known by its header, counted as the plan of a run does. */
export function leastMemory({
  fileBytes,
  vocabularySize,
  width,
  layerCount,
}: Pick<ModelSummary, 'fileBytes' | 'vocabularySize' | 'width' | 'layerCount'>): LeastMemory {
  const besideBytes =
    programBytes + bytesPerVocabularyEntry * (vocabularySize ?? 0) + bytesPerWidth * (width ?? 0)
  const layerBytes = fileBytes / Math.max(1, layerCount ?? 1)
  return {
    keptBytes: besideBytes + fileBytes,
    streamedBytes: besideBytes + Math.min(fileBytes, 2 * layerBytes),
  }
}
