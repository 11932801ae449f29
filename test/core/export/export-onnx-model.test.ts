import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { exportOnnxModel } from '../../../core/export/onnx/export-onnx-model.js'
import { exportOnnx } from '../../../core/export/onnx/export-onnx.js'
import { keepsGraph } from '../../../core/export/onnx/keeps-graph.js'
import { openOnnxModel } from '../../../core/model/onnx/open-onnx-model.js'
import { readMetadataAt } from '../../../core/model/open-model-file.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import type { LoadedModel } from '../../../core/engine/loaded-model.js'
import type { ModelChanges } from '../../../core/engine/model-changes.js'
import { createTokenizer } from '../../../core/data/tokenizer/create-tokenizer.js'
import { genaiFolder } from '../../support/genai-models.js'
import { openTiny } from '../../support/open-tiny.js'
import { temporaryFolder } from '../../support/temporary-folder.js'
import { movedFactors, openedModel } from '../../support/trained-graphs.js'

const device = openCpuDevice({ threads: 1 })
const target = (): string => join(temporaryFolder(), 'trained')

/** A request to write the model at `path` as training left it. */
function requestFor(path: string) {
  const metadata = readMetadataAt(path)
  return { model: openedModel(path), tokenizer: createTokenizer(metadata, path), metadata, device }
}

it('keeps the graph of a model that came in ONNX', async () => {
  const request = requestFor(genaiFolder('llama'))
  const written = await exportOnnxModel({
    ...request,
    folder: target(),
    trained: movedFactors(request.model),
  })
  expect(written).toMatchObject({ keepsBase: true, trainedTensorCount: 14 })
  expect(existsSync(join(written.folder, 'metadata.gguf'))).toBe(false)
})

it('keeps the graph of a folder of ours', async () => {
  const base = target()
  await exportOnnx({ ...openTiny({ type: 'Q4_1' }), folder: base, trained: null, device })
  const request = requestFor(base)
  const written = await exportOnnxModel({
    ...request,
    folder: target(),
    trained: movedFactors(request.model),
  })
  expect(written).toMatchObject({ keepsBase: true })
  const trained = openedModel(written.folder).blocks[0].linears.ffn_up
  expect(trained).not.toEqual(request.model.blocks[0].linears.ffn_up)
})

it('finds that low-rank branches, and zero points between codes, do not fit into a graph', () => {
  const branch = { rank: 1, scale: 1, down: new Float32Array(32), up: new Float32Array(96) }
  const moved = (model: LoadedModel): ModelChanges => ({
    matrix: (layer, linear) => {
      const matrix = model.blocks[layer].linears[linear]
      if (matrix.kind !== 'quantized') return null
      return { ...matrix, zeroPoints: matrix.zeroPoints?.map((point) => point + 0.5) ?? null }
    },
  })
  const fits = (name: string, changesOf: (model: LoadedModel) => ModelChanges): boolean => {
    const folder = genaiFolder(name)
    const { source, parts } = openOnnxModel(folder)
    onTestFinished(() => source.close())
    return keepsGraph(parts, 1, changesOf(openedModel(folder)))
  }
  expect(fits('llama', () => ({ branch: (_, linear) => (linear === 'ffn_up' ? branch : null) }))).toBe(false)
  expect(fits('qwen3', moved)).toBe(false)
  expect(fits('llama', moved)).toBe(true)
})
