import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NextTokenModel } from '../../core/engine/next-token-model.js'
import { openOnnxFolder, type OnnxFolder } from '../../core/engine/onnx-folder.js'
import { exportOnnx, type OnnxExport } from '../../core/export/onnx/export-onnx.js'
import { verifyOnnx } from '../../core/export/onnx/verify-onnx.js'
import { RowFactors } from '../../core/parameters/row-factors.js'
import { openCpuDevice } from '../../core/runtime/ort-device.js'
import { openParts, type ModelParts } from '../support/open-tiny.js'
import { hasShared, sharedLines, sharedPath } from '../support/shared-files.js'

const modelName = 'models/SmolLM2-135M-Instruct.Q4_1.gguf'
const textName = 'data/sst2/dev.tsv'
const device = openCpuDevice()
const genaiPython = process.env['ZEROTUNE_GENAI_PYTHON']
const newTokens = 64
const prompts = [
  'The capital of France is',
  'Once upon a time, there was',
  'def fibonacci(n):\n',
  '1, 2, 3, 5, 8,',
  '<|im_start|>user\nName three colours.<|im_end|>\n<|im_start|>assistant\n',
]

describe.skipIf(!hasShared(modelName, textName))(
  'a trained SmolLM2 as an ONNX folder (needs ../shared)',
  () => {
    let parts: ModelParts
    let trained: RowFactors
    let written: OnnxExport
    let folder: OnnxFolder
    let parent: string

    beforeAll(async () => {
      parts = openParts(sharedPath(modelName))
      const { layerCount } = parts.model.description
      trained = new RowFactors(parts.model.description, {
        firstLayer: 15,
        endLayer: layerCount,
        hasColumns: true,
      })
      trained.move(
        1,
        Array.from({ length: 16 }, (_, lane) => 2000 * (lane - 8)),
      )
      parent = mkdtempSync(join(tmpdir(), 'zerotune-test-'))
      written = await exportOnnx({ ...parts, trained, folder: join(parent, 'exported'), device })
      folder = await openOnnxFolder(written.folder, device, new Date(0))
    })

    afterAll(async () => {
      await folder.model.close()
      rmSync(parent, { recursive: true, force: true })
    })

    it('gives the logits of the engine on twenty texts', async () => {
      const lines = sharedLines(textName, 20).map((line) => line.slice(0, 120))
      const difference = await verifyOnnx({
        ...parts,
        folder: written.folder,
        device,
        overrides: trained.overrides(null),
        lines,
      })
      expect(difference).toBeLessThan(1e-3)
    })

    it('generates the same with the cache as without it', async () => {
      for (const prompt of prompts) {
        const ids = folder.tokenizer.encode(prompt, 'parse')
        const cached = await greedy(folder.model, ids, newTokens)
        const uncached = [...ids]
        for (let i = 0; i < newTokens; i++) {
          folder.model.reset()
          uncached.push(largest(await folder.model.next(uncached)))
        }
        expect(cached).toEqual(uncached.slice(ids.length))
      }
    })

    it.skipIf(genaiPython === undefined)(
      'generates the same in onnxruntime-genai (needs ZEROTUNE_GENAI_PYTHON)',
      async () => {
        const script = join(import.meta.dirname, '../support/genai-generate.py')
        const output = execFileSync(genaiPython ?? '', [script, written.folder, String(newTokens)], {
          input: JSON.stringify(prompts),
          encoding: 'utf8',
        })
        const expected = []
        for (const prompt of prompts) {
          const ids = folder.tokenizer.encode(prompt, 'parse')
          const all = await greedy(folder.model, ids, newTokens)
          const end = all.findIndex((id) => folder.tokenizer.endIds.has(id))
          const tokens = end === -1 ? all : all.slice(0, end)
          expected.push({ prompt: ids, tokens, text: folder.tokenizer.decode(tokens) })
        }
        expect(JSON.parse(output)).toEqual(expected)
      },
    )
  },
)

async function greedy(model: NextTokenModel, ids: readonly number[], count: number): Promise<number[]> {
  model.reset()
  const tokens: number[] = []
  let logits = await model.next(ids)
  for (let i = 0; i < count; i++) {
    const token = largest(logits)
    tokens.push(token)
    logits = await model.next([token])
  }
  return tokens
}

function largest(logits: Float32Array): number {
  return logits.reduce((best, logit, token) => (logit > logits[best] ? token : best), 0)
}
