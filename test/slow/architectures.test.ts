import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openDecoder } from '../../core/engine/decoder.js'
import { loadModel, type LoadedModel } from '../../core/engine/loaded-model.js'
import { convertGguf } from '../../core/export/convert-gguf.js'
import { exportGguf } from '../../core/export/gguf.js'
import { exportOnnx } from '../../core/export/onnx/export-onnx.js'
import { openModelFile } from '../../core/model/open-model-file.js'
import { RowFactors } from '../../core/parameters/row-factors.js'
import { openCpuDevice } from '../../core/runtime/ort-device.js'
import { goldenGguf, goldenModels } from '../support/golden-models.js'
import { openLlamaJudge, type LlamaJudge } from '../support/llama-judge.js'
import { predictBeside } from '../support/next-tokens.js'
import { openParts } from '../support/open-tiny.js'
import { randomFactors } from '../support/random-factors.js'

const device = openCpuDevice({ threads: 1 })
const folder = mkdtempSync(join(tmpdir(), 'zerotune-architectures-'))
const file = (name: string): string => join(folder, name)
const newTokens = 16

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function indexOfLargest(logits: Float32Array): number {
  return logits.indexOf(Math.max(...logits))
}

/** The most likely text after `tokens`, one token at a time. */
async function greedy(model: LoadedModel, tokens: readonly number[]): Promise<number[]> {
  const decoder = await openDecoder(device, model)
  const text = [indexOfLargest(await decoder.next(tokens))]
  while (text.length < newTokens) text.push(indexOfLargest(await decoder.next(text.slice(-1))))
  await decoder.close()
  return text
}

/** How many nats less likely our engine finds llama.cpp's choice after each token than its own; 0 where they are the same. */
async function distances(path: string, tokens: readonly number[], judge: LlamaJudge): Promise<number[]> {
  const parts = openParts(path)
  const predictions = await predictBeside(parts, tokens, await judge.mostLikely(tokens))
  parts.model.close()
  return predictions.map(({ distance }) => distance)
}

describe.each(goldenModels())('llama.cpp beside our engine, %s:', (name, golden) => {
  const path = file(`${name}.gguf`)
  // Whether factors are those of long texts is decided by the text's length, as in transformers; in llama.cpp, by its context.
  const isJudged = name !== 'phi3-short'
  let judge: LlamaJudge
  let model: LoadedModel

  beforeAll(async () => {
    writeFileSync(path, goldenGguf(golden))
    judge = await openLlamaJudge(path)
    model = loadModel(path)
  })
  afterAll(async () => {
    await judge.close()
    model.close()
  })

  it.skipIf(!isJudged)('goes on with the same text', async () => {
    const { tokens } = golden
    const text = [...tokens, ...(await greedy(model, tokens))]
    const far = await distances(path, text, judge)
    // Its cache has half floats, so that two tokens that are equally likely may change places.
    expect(far.slice(tokens.length - 1, -1).filter((distance) => distance > 0).length).toBeLessThan(2)
    expect(far.filter((distance) => distance > 0.05)).toEqual([])
  })

  it('agrees about a trained model: in place, and as Q8_0', async () => {
    const factorsOf = randomFactors(model.description, { seed: 3, spread: 0.1, shape: 'rows' })
    const [trained, converted] = [file(`${name}-trained.gguf`), file(`${name}-q8.gguf`)]
    exportGguf({ basePath: path, target: trained, changes: { scaleFactors: factorsOf } })
    const base = openModelFile(path)
    const { layerCount } = model.description
    convertGguf({ ...base, layerCount, type: 'q8_0', changes: { scaleFactors: factorsOf } }, converted)
    base.source.close()

    const direct = await openDecoder(device, model, { scaleFactors: factorsOf })
    const expected = Float32Array.from(await direct.next(golden.tokens))
    await direct.close()
    // With 8-bit weights, llama.cpp rounds what they are multiplied with too.
    for (const [target, tolerance, nats] of [
      [trained, 1e-4, 0.05],
      [converted, 0.1, 0.3],
    ] as const) {
      const again = loadModel(target)
      onTestFinished(() => again.close())
      const decoder = await openDecoder(device, again)
      const logits = await decoder.next(golden.tokens)
      const size = Math.max(...expected.map(Math.abs))
      expect(Math.max(...expected.map((value, i) => Math.abs(value - logits[i]))) / size).toBeLessThan(
        tolerance,
      )
      await decoder.close()
      if (!isJudged) continue
      const ofTarget = await openLlamaJudge(target)
      const far = await distances(target, golden.tokens, ofTarget)
      await ofTarget.close()
      expect(far.filter((distance) => distance > nats)).toEqual([])
    }
  })

  // It is verified against the engine before it gets its name.
  it('is the same model as an ONNX folder', async () => {
    const { description } = model
    const trained = new RowFactors(description, { firstLayer: 0, endLayer: 2, hasColumns: false })
    trained.move(1, [4000])
    const folderPath = file(`${name}-onnx`)
    const { logitDifference } = await exportOnnx({
      ...openParts(path),
      trained,
      folder: folderPath,
      device,
    })
    expect(logitDifference).toBeLessThan(1e-4)
    const config = JSON.parse(readFileSync(join(folderPath, 'genai_config.json'), 'utf8')) as {
      model: { context_length: number }
    }
    const { contextLength, rope } = description
    expect(config.model.context_length).toBe(rope.longFactors?.above ?? contextLength)
  })
})
