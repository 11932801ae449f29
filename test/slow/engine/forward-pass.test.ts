import { describe, expect, it, onTestFinished } from 'vitest'
import { BlockRunner, type BlockOverride } from '../../../core/engine/block-runner.js'
import { openDecoder } from '../../../core/engine/decoder.js'
import { embed } from '../../../core/engine/embed.js'
import { labelHead, logSumExp } from '../../../core/engine/label-head.js'
import type { LoadedModel } from '../../../core/engine/loaded-model.js'
import { float32Tensor } from '../../../core/engine/matrix-tensors.js'
import { VocabularyHead } from '../../../core/engine/vocabulary-head.js'
import { linearNames } from '../../../core/model/description.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import { openTiny } from '../../support/open-tiny.js'
import { randomFactors, type FactorsOf } from '../../support/random-factors.js'
import { referenceLogits } from '../../support/reference-model.js'
import type { TinyModel } from '../../support/tiny-gguf.js'

const text = (value: string) => ({ type: 'string', value }) as const

/** A block of the K types has 256 values. */
const wide = { width: 256, heads: 16, feedForward: 256 }

const models: Readonly<Record<string, Partial<TinyModel>>> = {
  'Q4_1, tied': {},
  'Q4_0, tied': { type: 'Q4_0', embeddingType: 'Q4_0' },
  'Q8_0, untied': { type: 'Q8_0', outputType: 'Q8_0' },
  'Q4_K, tied to Q6_K': { ...wide, type: 'Q4_K', embeddingType: 'Q6_K' },
  'Q5_K, untied Q5_1': { ...wide, type: 'Q5_K', embeddingType: 'Q5_1', outputType: 'Q5_K' },
  'Q2_K, tied to Q2_K': { ...wide, type: 'Q2_K', embeddingType: 'Q2_K' },
  'Q5_1, tied to IQ4_NL': { type: 'Q5_1', embeddingType: 'IQ4_NL' },
  'F16, untied': { type: 'F16', embeddingType: 'F16', outputType: 'Q4_1' },
  'BF16, tied': { type: 'BF16', embeddingType: 'BF16', normType: 'BF16' },
  'F32, untied': { type: 'F32', embeddingType: 'F32', outputType: 'F32' },
  'Q4_1 with biases': { biases: ['attn_q', 'attn_k', 'attn_v', 'attn_output', 'ffn_down'] },
  'Q4_1 with every head its own key': { kvHeads: 4 },
  'Q4_1 with one key for all heads': { kvHeads: 1, heads: 8, headWidth: 32 },
  'Q4_0 with Llama 3 rope factors': { type: 'Q4_0', hasRopeFactors: true },
  'Q4_1 with linear rope scaling': {
    metadata: {
      'llama.rope.scaling.type': text('linear'),
      'llama.rope.scaling.factor': { type: 'float32', value: 4 },
    },
  },
  'Q8_0, vocabulary not a multiple of 32': { type: 'Q8_0', vocabulary: 71, contextLength: 64 },
}

const tokens = [3, 9, 27, 17, 51, 25, 11, 33, 35, 41, 59, 49]

/** Largest difference, relative to the largest value. */
function difference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let error = 0
  let size = 0
  for (let i = 0; i < expected.length; i++) {
    error = Math.max(error, Math.abs(found[i] - expected[i]))
    size = Math.max(size, Math.abs(expected[i]))
  }
  return error / size
}

/** float32 rounding over two blocks. */
const tolerance = 1e-5

function rowFactorOverrides(factorsOf: FactorsOf): (layer: number) => BlockOverride {
  return (layer) => ({
    factors: 'rows',
    tensors: Object.fromEntries(
      linearNames.map((name) => {
        const values = Float32Array.from(factorsOf(layer, name)?.values ?? [])
        return [`${name}.rowFactors`, float32Tensor(values, [1, 1, values.length])]
      }),
    ),
  })
}

function openRunner(model: LoadedModel): { runner: BlockRunner; head: VocabularyHead } {
  const device = openCpuDevice({ threads: 1 })
  const runner = new BlockRunner(device, model)
  const head = new VocabularyHead(device, model)
  onTestFinished(async () => {
    await runner.close()
    await head.close()
  })
  return { runner, head }
}

describe.each(Object.entries(models))('a tiny model, %s:', (_, options) => {
  it('blocks and heads equal the float64 reference', async () => {
    const { model } = openTiny(options)
    const { width, layerCount } = model.description
    const expected = referenceLogits(model, tokens)
    const { runner, head } = openRunner(model)
    const { data } = await runner.run(embed(model, [Int32Array.from(tokens)]), 0, layerCount)
    const last = data.subarray((tokens.length - 1) * width, tokens.length * width)
    expect(difference(await head.logits(last), expected[tokens.length - 1])).toBeLessThan(tolerance)

    const labels = [5, 60, 17]
    const byLabel = labelHead(model, labels)(data, (tokens.length - 1) * width)
    const ofLabels = labels.map((label) => expected[tokens.length - 1][label])
    expect(difference(byLabel, ofLabels)).toBeLessThan(tolerance)

    const targets = [...tokens.slice(1), 7]
    const scores = await head.score(data.subarray(0, tokens.length * width), targets)
    const logProbabilities = expected.map((logits, position) => logits[targets[position]] - logSumExp(logits))
    expect(
      difference(
        scores.map((score) => score.logProbability),
        logProbabilities,
      ),
    ).toBeLessThan(tolerance)
    const best = expected.map((logits) => logits.indexOf(Math.max(...logits)))
    expect(scores.map((score) => score.bestToken)).toEqual(best)
  })

  it('padding and neighbours in the batch change nothing', async () => {
    const { model } = openTiny(options)
    const { width, layerCount } = model.description
    const { runner } = openRunner(model)
    const short = Int32Array.from(tokens.slice(0, 5))
    const alone = await runner.run(embed(model, [short]), 0, layerCount)
    const expected = alone.data.slice(0, short.length * width)
    const padded = await runner.run(embed(model, [Int32Array.from(tokens), short]), 0, layerCount)
    const start = tokens.length * width
    expect(difference(padded.data.subarray(start, start + short.length * width), expected)).toBeLessThan(
      tolerance,
    )
  })

  it('generating with a cache equals the reference at every token', async () => {
    const { model } = openTiny(options)
    const decoder = await openDecoder(openCpuDevice({ threads: 1 }), model)
    onTestFinished(() => decoder.close())
    const expected = referenceLogits(model, tokens)
    expect(difference(await decoder.next(tokens.slice(0, 5)), expected[4])).toBeLessThan(tolerance)
    for (let position = 5; position < 10; position++) {
      expect(difference(await decoder.next([tokens[position]]), expected[position])).toBeLessThan(tolerance)
    }
    expect(difference(await decoder.next(tokens.slice(10)), expected[11])).toBeLessThan(tolerance)
    decoder.reset()
    expect(difference(await decoder.next(tokens), expected[11])).toBeLessThan(tolerance)
  })

  it('trained row factors act alike on activations, folded into weights, and in the reference', async () => {
    const { model } = openTiny(options)
    const { description } = model
    const factorsOf = randomFactors(description, { seed: 8, spread: 0.2, shape: 'rows' })
    const expected = referenceLogits(
      model,
      tokens,
      (layer, linear) => factorsOf(layer, linear)?.values ?? null,
    )
    const { runner, head } = openRunner(model)
    const hidden = embed(model, [Int32Array.from(tokens)])
    const { data } = await runner.run(hidden, 0, description.layerCount, rowFactorOverrides(factorsOf))
    const last = data.subarray((tokens.length - 1) * description.width, tokens.length * description.width)
    expect(difference(await head.logits(last), expected[11])).toBeLessThan(tolerance)

    const decoder = await openDecoder(openCpuDevice({ threads: 1 }), model, { scaleFactors: factorsOf })
    onTestFinished(() => decoder.close())
    expect(difference(await decoder.next(tokens), expected[11])).toBeLessThan(tolerance)
  })
})

it('a long text outgrows the first cache buffers and stays right', async () => {
  const { model } = openTiny({ contextLength: 512, layers: 1 })
  const long = Array.from({ length: 300 }, (_, index) => (index * 37) % 61)
  const decoder = await openDecoder(openCpuDevice({ threads: 1 }), model)
  onTestFinished(() => decoder.close())
  await decoder.next(long.slice(0, 100))
  await decoder.next(long.slice(100, 140))
  for (const token of long.slice(140, 299)) await decoder.next([token])
  const logits = await decoder.next(long.slice(299))
  expect(difference(logits, referenceLogits(model, long)[299])).toBeLessThan(tolerance)
})

it.each([1, 40_000, 60_000])('a model cut into sessions of %d bytes gives the same', async (partLimit) => {
  const { model } = openTiny({ layers: 4 })
  const decoder = await openDecoder(openCpuDevice({ threads: 1 }), model, undefined, partLimit)
  onTestFinished(() => decoder.close())
  const expected = referenceLogits(model, tokens)
  expect(difference(await decoder.next(tokens.slice(0, 8)), expected[7])).toBeLessThan(tolerance)
  expect(difference(await decoder.next(tokens.slice(8)), expected[11])).toBeLessThan(tolerance)
})
