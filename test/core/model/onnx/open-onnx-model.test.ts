import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openDecoder } from '../../../../core/engine/decoder.js'
import { loadModel, type LoadedModel } from '../../../../core/engine/loaded-model.js'
import { exportOnnx } from '../../../../core/export/onnx/export-onnx.js'
import { isOnnxModel, openOnnxModel } from '../../../../core/model/onnx/open-onnx-model.js'
import { openCpuDevice } from '../../../../core/runtime/ort-device.js'
import type { EngineError } from '../../../../core/schema/engine-error.js'
import { caughtError } from '../../../support/caught-error.js'
import { openTiny } from '../../../support/open-tiny.js'
import { randomNumbers } from '../../../support/random-numbers.js'
import { temporaryFolder } from '../../../support/temporary-folder.js'
import type { TinyModel } from '../../../support/tiny-gguf.js'
import { genaiFolder, genaiModels, graphLogits } from '../../../support/genai-models.js'

/** Of the largest logit: sums of float32 in another order. */
const tolerance = 2e-4
const tokens = Array.from({ length: 24 }, (_, index) => (7 * index + 5) % 64)

describe.each(genaiModels)('a model of onnxruntime-genai, %s:', (name) => {
  it('has the logits that onnxruntime gives for its graph', async () => {
    const folder = genaiFolder(name)
    const expected = await graphLogits(folder, tokens)
    const model = loadModel(folder)
    onTestFinished(() => model.close())
    const decoder = await openDecoder(openCpuDevice({ threads: 1 }), model)
    onTestFinished(() => decoder.close())
    const size = Math.max(...expected.map(Math.abs))
    for (const length of [1, 2, 9, tokens.length]) {
      decoder.reset()
      const found = await decoder.next(tokens.slice(0, length))
      const wanted = expected.subarray((length - 1) * 64, length * 64)
      const difference = Math.max(...wanted.map((value, index) => Math.abs(found[index] - value)))
      expect(difference / size).toBeLessThan(tolerance)
    }
  })
})

async function logitsOf(model: LoadedModel): Promise<Float32Array> {
  const decoder = await openDecoder(openCpuDevice({ threads: 1 }), model)
  onTestFinished(() => decoder.close())
  return decoder.next(tokens)
}

describe('a folder of ours', () => {
  it.each<[string, Partial<TinyModel>]>([
    ['4-bit linears and a tied 8-bit table', {}],
    ['a tied table with zero points', { embeddingType: 'Q4_1' }],
    ['a table and an output of their own', { embeddingType: 'Q4_0', outputType: 'Q8_0', type: 'Q4_0' }],
    ['half floats', { type: 'F16', embeddingType: 'F16' }],
    ['8-bit linears', { type: 'Q8_0' }],
    ['biases and rope factors', { biases: ['attn_q', 'attn_v', 'ffn_down'], hasRopeFactors: true }],
  ])('has the logits of the model that it came from, with %s', async (_, options) => {
    const parts = openTiny(options)
    const folder = join(temporaryFolder(), 'exported')
    await exportOnnx({ ...parts, trained: null, folder, device: openCpuDevice({ threads: 1 }) })
    const model = loadModel(folder)
    onTestFinished(() => model.close())
    expect(model.description.isOutputTied).toBe(parts.model.description.isOutputTied)
    const [expected, found] = [await logitsOf(parts.model), await logitsOf(model)]
    const size = Math.max(...expected.map(Math.abs))
    const difference = Math.max(...expected.map((value, index) => Math.abs(found[index] - value)))
    expect(difference / size).toBeLessThan(1e-5)
  })
})

describe('a model in ONNX', () => {
  /** What opening says of a model whose genai_config.json, or graph, has `from` replaced by as many characters. */
  const failureOf = (name: string, file: string, from: string, to: string): EngineError => {
    const folder = genaiFolder(name)
    const text = readFileSync(join(folder, file), 'latin1')
    expect(text).toContain(from)
    writeFileSync(join(folder, file), text.replace(from, to), 'latin1')
    return caughtError(() => loadModel(folder))
  }

  it('is opened by its graph as well as by its folder', () => {
    const folder = genaiFolder('llama')
    const { source, file } = openOnnxModel(join(folder, 'model.onnx'))
    source.close()
    expect(isOnnxModel(join(folder, 'model.onnx')) && isOnnxModel(folder)).toBe(true)
    expect(file.tensors.get('blk.1.ffn_down.weight')).toMatchObject({ type: 'INT4_32', shape: [32, 96] })
  })

  it('gives the same bytes in whatever pieces they are read', () => {
    for (const name of ['llama', 'qwen2-qdq', 'mistral-float']) {
      const { source } = openOnnxModel(genaiFolder(name))
      const whole = source.read(0, source.byteLength)
      const random = randomNumbers(7)
      for (let round = 0; round < 50; round++) {
        const start = random.below(source.byteLength)
        const length = random.below(source.byteLength - start)
        expect(Buffer.compare(source.read(start, length), whole.subarray(start, start + length))).toBe(0)
      }
      source.close()
    }
  })

  it('is refused by the name of what it has and we lack', () => {
    const config = 'genai_config.json'
    const other = failureOf('llama', config, '"llama"', '"gemma"')
    expect(other).toMatchObject({ code: 'model-unsupported' })
    expect(other.message).toContain("model type 'gemma'; supported is llama, mistral, qwen2, qwen3, phi3")
    expect(failureOf('llama', 'model.onnx', '"\x07Sigmoid', '"\x07HardSig').message).toContain(
      "1 times the operator 'HardSig'",
    )
    expect(
      failureOf('llama', config, '"num_attention_heads": 2', '"num_attention_heads": 1').message,
    ).toContain("attribute num_heads = 2, in '/model/layers.0/attn/GroupQueryAttention'; supported is 1")
    expect(
      failureOf('llama', 'model.onnx', 'final_norm_layernorm/output_0', 'final_norm_layernorm/output_9')
        .message,
    ).toContain('a product with what the final norm gives')
    expect(
      failureOf('llama', 'model.onnx', 'layers.1.mlp.up_proj', 'layers.1.mlp.uq_proj').message,
    ).toContain('uq_proj')
  })

  it('is refused where its configuration does not fit its graph', () => {
    const config = 'genai_config.json'
    expect(failureOf('llama', config, '"num_hidden_layers": 2', '"num_hidden_layers": 3').message).toContain(
      'expected one for each of 3 layers, found 2',
    )
    const outside = failureOf('llama', config, '"filename": "model.onnx"', '"filename": "../a.onnx"')
    expect(outside).toMatchObject({ code: 'model-malformed', details: { where: 'model.decoder.filename' } })
    expect(failureOf('llama', config, '"hidden_size": 32', '"hidden_size": 64')).toMatchObject({
      code: 'model-malformed',
    })
  })
})
