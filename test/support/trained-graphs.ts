import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openDecoder } from '../../core/engine/decoder.js'
import { loadModel, type LoadedModel } from '../../core/engine/loaded-model.js'
import type { ModelChanges } from '../../core/engine/model-changes.js'
import { exportSameGraph, type SameGraphExport } from '../../core/export/onnx/export-same-graph.js'
import { RowFactors } from '../../core/parameters/row-factors.js'
import { openCpuDevice } from '../../core/runtime/ort-device.js'
import { graphLogits } from './genai-models.js'
import { temporaryFolder } from './temporary-folder.js'

/** Of the largest logit: sums of float32 in another order. */
export const logitTolerance = 2e-4
const tokens = Array.from({ length: 12 }, (_, index) => (11 * index + 3) % 64)

/** A model that is closed with the test. */
export function openedModel(path: string): LoadedModel {
  const model = loadModel(path)
  onTestFinished(() => model.close())
  return model
}

/** Row factors of up to a few percent. */
export function movedFactors({ description }: LoadedModel): RowFactors {
  const { layerCount } = description
  const factors = new RowFactors(description, { firstLayer: 0, endLayer: layerCount, hasColumns: false })
  factors.move(
    5,
    Array.from({ length: 8 }, (_, lane) => 6000 * (lane - 3)),
  )
  return factors
}

/** Norms and biases a little away from what they were. */
export function movedVectors({ blocks }: LoadedModel): ModelChanges {
  return {
    vector: (layer, name) =>
      blocks[layer].vectors.get(name)?.map((value, index) => value + 0.05 * Math.sin(index + layer)) ?? null,
  }
}

/** Other codes and scales, and whole zero points, in the second half of each block's row. */
export function movedCodes(model: LoadedModel): ModelChanges {
  return {
    matrix: (layer, linear) => {
      const matrix = model.blocks[layer].linears[linear]
      if (matrix.kind !== 'quantized') return null
      const change = <T extends Uint8Array | Float32Array>(values: T, to: (value: number) => number): T =>
        values.map((value, index) => (index % 3 === 0 ? to(value) : value)) as T
      return {
        ...matrix,
        codes: change(matrix.codes, (byte) => byte ^ 0x21),
        scales: change(matrix.scales, (scale) => scale * 0.9),
        zeroPoints: matrix.zeroPoints && change(matrix.zeroPoints, (point) => (point + 1) % 16),
      }
    },
  }
}

/** Largest difference between the logits of a graph and those of the trained engine, of the largest. */
export async function logitDifference(
  folder: string,
  model: LoadedModel,
  changes: ModelChanges,
): Promise<number> {
  const decoder = await openDecoder(openCpuDevice({ threads: 1 }), model, changes)
  onTestFinished(() => decoder.close())
  const expected = await decoder.next(tokens)
  const found = (await graphLogits(folder, tokens)).slice(-expected.length)
  const size = Math.max(...expected.map(Math.abs))
  return Math.max(...expected.map((value, index) => Math.abs(found[index] - value))) / size
}

/** Writes a trained model as the same graph to a folder that goes away with the test. */
export function writtenGraph(
  basePath: string,
  model: LoadedModel,
  changes: ModelChanges,
): Promise<SameGraphExport> {
  const folder = join(temporaryFolder(), 'trained')
  const { layerCount } = model.description
  return exportSameGraph({ basePath, layerCount, folder, changes })
}
