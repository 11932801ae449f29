import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { exportOnnx } from '../../../core/export/onnx/export-onnx.js'
import { openOnnxModel } from '../../../core/model/onnx/open-onnx-model.js'
import { summarizeModel } from '../../../core/model/summary.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import { damagedOutcomes, type DamagedReader } from '../../support/damaged-outcomes.js'
import { genaiFolder } from '../../support/genai-models.js'
import { openTiny } from '../../support/open-tiny.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

/** Opens a folder with other bytes in one of its files, and reads all that it has. */
function readerOf(folder: string, file: string, copies: number): DamagedReader {
  const path = join(folder, file)
  return {
    copies,
    whole: Uint8Array.from(readFileSync(path)),
    read: (bytes) => {
      writeFileSync(path, bytes)
      const { source, file: model } = openOnnxModel(folder)
      try {
        summarizeModel(model, source)
        for (const { offset, byteLength } of model.tensors.values()) source.view(offset, byteLength)
      } finally {
        source.close()
      }
    },
  }
}

async function ownFolder(): Promise<string> {
  const parts = openTiny({ layers: 1, width: 32, heads: 2, kvHeads: 1, feedForward: 32, type: 'Q4_1' })
  const folder = join(temporaryFolder(), 'own')
  await exportOnnx({ ...parts, trained: null, folder, device: openCpuDevice({ threads: 1 }) })
  return folder
}

it('answers 10,000 damaged models with an EngineError or their content', { timeout: 300_000 }, async () => {
  const readers = [
    readerOf(genaiFolder('llama-shared'), 'model.onnx', 3_000),
    readerOf(genaiFolder('qwen2-qdq'), 'model.onnx', 2_500),
    readerOf(genaiFolder('phi3-k-quant'), 'model.onnx', 2_000),
    readerOf(await ownFolder(), 'model.onnx', 1_500),
    readerOf(genaiFolder('llama-shared'), 'genai_config.json', 500),
    readerOf(genaiFolder('qwen3'), 'model.onnx.data', 500),
  ]
  const outcomes = damagedOutcomes(readers, { seed: 11_000, headerBytes: 20_000 })
  expect([...outcomes.keys()].toSorted()).toEqual([
    'file-unreadable',
    'model-malformed',
    'model-unsupported',
    'whole',
  ])
  expect(Math.min(...outcomes.values())).toBeGreaterThan(9)
})
