import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BlockRunner } from '../../../core/engine/block-runner.js'
import { embed } from '../../../core/engine/embed.js'
import { noChanges } from '../../../core/engine/model-changes.js'
import { VocabularyHead } from '../../../core/engine/vocabulary-head.js'
import { calibratedRoundings, roundLayers } from '../../../core/export/calibrated/round-layers.js'
import { convertGguf } from '../../../core/export/convert-gguf.js'
import { exportGguf } from '../../../core/export/gguf.js'
import { openByteSource } from '../../../core/formats/byte-source.js'
import { readGguf } from '../../../core/formats/gguf/read-gguf.js'
import { quantizedTypes, type QuantizedType } from '../../../core/formats/gguf/tensor-types.js'
import { openModelFile } from '../../../core/model/open-model-file.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import { openLlamaJudge } from '../../support/llama-judge.js'
import { openParts, openTiny, type ModelParts } from '../../support/open-tiny.js'
import { randomFactors } from '../../support/random-factors.js'
import { hasShared, sharedPath } from '../../support/shared-files.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

const tokens = [3, 9, 27, 17, 51, 25, 11, 33, 35, 41, 59, 49]

/** Logits after the last token. */
async function logitsOf({ model }: ModelParts): Promise<Float32Array> {
  const device = openCpuDevice()
  const runner = new BlockRunner(device, model)
  const head = new VocabularyHead(device, model)
  const { layerCount, width } = model.description
  const { data } = await runner.run(embed(model, [Int32Array.from(tokens)]), 0, layerCount)
  const logits = await head.logits(data.subarray((tokens.length - 1) * width, tokens.length * width))
  await runner.close()
  await head.close()
  return logits.slice()
}

/** Root mean square of differences over that of the values, both about their means. */
function relativeDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  const [one, other] = [centered(found), centered(expected)]
  const squares = (values: number[]): number => values.reduce((sum, value) => sum + value ** 2, 0)
  return Math.sqrt(squares(one.map((value, i) => value - other[i])) / squares(other))
}

function centered(values: ArrayLike<number>): number[] {
  const list = Array.from(values)
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length
  return list.map((value) => value - mean)
}

describe('a tiny model with trained row factors, written back and run by llama.cpp', () => {
  it.each(quantizedTypes)('has the logits of our engine in %s', async (type: QuantizedType) => {
    const sizes = { width: 256, heads: 16, feedForward: 512, vocabulary: 64, layers: 2 }
    const { model } = openTiny({ ...sizes, type, embeddingType: type, outputType: type })
    const factorsOf = randomFactors(model.description, { seed: 4, spread: 0.2, shape: 'rows' })
    const target = join(temporaryFolder(), 'adapted.gguf')
    const before = await logitsOf(openParts(model.path))
    exportGguf({ basePath: model.path, target, changes: { scaleFactors: factorsOf } })
    const ours = await logitsOf(openParts(target))
    const judge = await openLlamaJudge(target)
    const theirs = await judge.logitsAfter(
      tokens,
      Array.from(ours, (_, token) => token),
    )
    await judge.close()
    // llama.cpp rounds activations to 8 bits; the factors change logits much more than that.
    expect(relativeDifference(ours, theirs)).toBeLessThan(0.04)
    expect(relativeDifference(before, theirs)).toBeGreaterThan(0.1)
  })
})

describe('a tiny model rounded by what it reads, run by llama.cpp', () => {
  it.each(calibratedRoundings)('has the logits of our engine by %s', async (rounding) => {
    const sizes = { width: 256, heads: 16, kvHeads: 4, feedForward: 512, vocabulary: 64 }
    const { model } = openTiny({ ...sizes, type: 'F16', embeddingType: 'F16', biases: ['attn_v'] })
    const { source, file } = openModelFile(model.path)
    const { layerCount } = model.description
    const target = join(temporaryFolder(), 'rounded.gguf')
    const conversion = { source, file, layerCount, type: 'q4_1' as const, changes: noChanges }
    const rows = Array.from({ length: 40 }, (_, row) =>
      Int32Array.from(tokens, (token) => (token * row) % 64),
    )
    const rounded = await roundLayers(conversion, { rounding, device: openCpuDevice(), model, rows }, target)
    convertGguf({ ...conversion, rounded }, target)
    rounded.close()
    source.close()
    const ours = await logitsOf(openParts(target))
    const judge = await openLlamaJudge(target)
    const candidates = Array.from(ours, (_, token) => token)
    expect(relativeDifference(ours, await judge.logitsAfter(tokens, candidates))).toBeLessThan(0.04)
    await judge.close()
  })
})

const modelName = 'models/SmolLM2-135M-Instruct.Q4_1.gguf'
const textName = 'data/wikitext2/valid.txt'

/** In tokens. */
const length = 400

interface Judged {
  /** In nats a token. */
  readonly loss: number
  /** How often our engine finds llama.cpp's most likely token as likely as its own, to `nearTie`. */
  readonly agreement: number
}

/** In nats. llama.cpp rounds activations to 8 bits, by kernels that differ between processors, so either of two may win. */
const nearTie = 0.1

async function judge(path: string): Promise<Judged> {
  const { model, tokenizer } = openParts(path)
  const text = readFileSync(sharedPath(textName), 'utf8')
  const ids = tokenizer.encode(text.slice(0, 4000), 'text').slice(0, length + 1)
  const device = openCpuDevice()
  const runner = new BlockRunner(device, model)
  const head = new VocabularyHead(device, model)
  const hidden = embed(model, [Int32Array.from(ids.slice(0, length))])
  const { data } = await runner.run(hidden, 0, model.description.layerCount)
  const scores = await head.score(data, ids.slice(1, length + 1))
  const llama = await openLlamaJudge(path)
  const theirs = await llama.mostLikely(ids.slice(0, length))
  await llama.close()
  const ofTheirs = await head.score(data, theirs)
  const ofOurs = await head.score(
    data,
    scores.map(({ bestToken }) => bestToken),
  )
  await runner.close()
  await head.close()
  return {
    loss: -scores.reduce((sum, { logProbability }) => sum + logProbability, 0) / length,
    agreement:
      ofTheirs.filter(
        ({ logProbability }, position) => ofOurs[position].logProbability - logProbability < nearTie,
      ).length / length,
  }
}

describe.skipIf(!hasShared(modelName, textName))(
  `a real model made Q4_K_M by our encoders (needs ${modelName} and ${textName} in ../shared)`,
  () => {
    it('says the same in llama.cpp as in our engine, and little is lost', { timeout: 300_000 }, async () => {
      const folder = temporaryFolder()
      const base = sharedPath(modelName)
      const source = openByteSource(base)
      const path = join(folder, 'q4_k_m.gguf')
      const file = readGguf(source)
      convertGguf({ source, file, layerCount: 30, type: 'q4_k', changes: noChanges }, path)
      source.close()
      const adapted = join(folder, 'adapted.gguf')
      const { description } = openParts(path).model
      const factorsOf = randomFactors(description, { seed: 11, spread: 0.05, shape: 'rows' })
      exportGguf({ basePath: path, target: adapted, changes: { scaleFactors: factorsOf } })
      const figures = { base: await judge(base), converted: await judge(path), adapted: await judge(adapted) }
      console.info(figures)
      expect(figures.base.agreement).toBeGreaterThan(0.95)
      expect(figures.converted.agreement).toBeGreaterThan(0.95)
      expect(figures.adapted.agreement).toBeGreaterThan(0.95)
      // A file that was rounded to 4 bits already loses a little more.
      expect(figures.converted.loss).toBeLessThan(figures.base.loss + 0.05)
    })
  },
)
