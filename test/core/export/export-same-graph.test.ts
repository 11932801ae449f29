import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ModelChanges } from '../../../core/engine/model-changes.js'
import { openOnnxModel } from '../../../core/model/onnx/open-onnx-model.js'
import { genaiFolder } from '../../support/genai-models.js'
import {
  logitDifference,
  logitTolerance,
  movedFactors,
  openedModel,
  writtenGraph,
} from '../../support/trained-graphs.js'

describe.each(['llama', 'qwen2-qdq'])('the trained graph of %s', (name) => {
  it('gives the logits of the trained engine, and is the same bytes outside of trained tensors', async () => {
    const base = genaiFolder(name)
    const model = openedModel(base)
    const { folder, largestRoundingError } = await writtenGraph(base, model, movedFactors(model))
    expect(largestRoundingError).toBeLessThan(1e-6)
    expect(await logitDifference(folder, model, movedFactors(model))).toBeLessThan(logitTolerance)
    for (const file of ['model.onnx', 'genai_config.json', 'tokenizer.json', 'tokenizer_config.json']) {
      expect(readFileSync(join(folder, file))).toEqual(readFileSync(join(base, file)))
    }
    const { source, graph } = openOnnxModel(base)
    const [before, after] = [base, folder].map((each) => readFileSync(join(each, 'model.onnx.data')))
    expect(after.byteLength).toBe(before.byteLength)
    for (const tensor of graph.graph.tensors.values()) {
      if (tensor.place.kind !== 'beside' || /scales?$|proj\.MatMul\.weight$|Add\.bias$/.test(tensor.name))
        continue
      const { offset, byteLength } = graph.place(tensor.name)
      expect(after.subarray(offset, offset + byteLength)).toEqual(
        before.subarray(offset, offset + byteLength),
      )
    }
    source.close()
  })
})

it('refuses zero points between the codes that a graph has room for', async () => {
  const base = genaiFolder('qwen3')
  const model = openedModel(base)
  const changes: ModelChanges = {
    matrix: (layer, linear) => {
      const matrix = model.blocks[layer].linears[linear]
      if (matrix.kind !== 'quantized') return null
      return { ...matrix, zeroPoints: matrix.zeroPoints?.map((point) => point + 0.5) ?? null }
    },
  }
  await expect(writtenGraph(base, model, changes)).rejects.toMatchObject({ code: 'value-unrepresentable' })
})
