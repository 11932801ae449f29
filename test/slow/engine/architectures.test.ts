import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { SequenceExample } from '../../../core/data/example.js'
import { BlockRunner } from '../../../core/engine/block-runner.js'
import { openDecoder } from '../../../core/engine/decoder.js'
import { embed } from '../../../core/engine/embed.js'
import { loadModel, type LoadedModel } from '../../../core/engine/loaded-model.js'
import { VocabularyHead } from '../../../core/engine/vocabulary-head.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import { differentiate, overridesOf, type FactorTable } from '../../support/differentiated-model.js'
import type { ModelDescription, RopeDescription } from '../../../core/model/description.js'
import { goldenGguf, goldenModels, writeGoldenFolder, type GoldenModel } from '../../support/golden-models.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

const device = openCpuDevice({ threads: 1 })

function openGolden(golden: GoldenModel): LoadedModel {
  const path = join(temporaryFolder(), 'golden.gguf')
  writeFileSync(path, goldenGguf(golden))
  return openAt(path)
}

function openAt(path: string): LoadedModel {
  const model = loadModel(path)
  onTestFinished(() => model.close())
  return model
}

/** Largest difference, relative to the largest value. */
function difference(found: ArrayLike<number>, expected: readonly number[]): number {
  expect(found.length).toBe(expected.length)
  const size = Math.max(...expected.map(Math.abs))
  return Math.max(...expected.map((value, i) => Math.abs(found[i] - value))) / size
}

describe.each(goldenModels())('a model of transformers as GGUF, %s:', (_, golden) => {
  const { tokens, positions, logits, loss } = golden

  it('has its logits, all tokens at once', async () => {
    const model = openGolden(golden)
    const { width, layerCount } = model.description
    const runner = new BlockRunner(device, model)
    const head = new VocabularyHead(device, model)
    onTestFinished(async () => {
      await runner.close()
      await head.close()
    })
    const { data } = await runner.run(embed(model, [Int32Array.from(tokens)]), 0, layerCount)
    const errors = []
    for (const [index, position] of positions.entries()) {
      const found = await head.logits(data.subarray(position * width, (position + 1) * width))
      errors.push(difference(found, logits[index]))
    }
    expect(Math.max(...errors)).toBeLessThan(2e-4)
  })

  it('is the same model as a folder of safetensors', () => {
    const folder = join(temporaryFolder(), 'golden')
    writeGoldenFolder(golden, folder)
    const [found, expected] = [openAt(folder), openGolden(golden)]
    const roundedRope = ({ frequencyFactors, longFactors, magnitude, ...rope }: RopeDescription) => ({
      ...rope,
      frequencyFactors: Array.from(frequencyFactors ?? [], (factor) => factor.toPrecision(6)),
      longFactors: longFactors && { above: longFactors.above, factors: [...longFactors.factors] },
      magnitude: magnitude.toPrecision(6),
    })
    const rounded = ({ rope, layers, ...model }: ModelDescription) => ({
      ...model,
      name: '',
      rope: roundedRope(rope),
      layers: layers.map((layer) => ({ ...layer, rope: layer.rope && roundedRope(layer.rope) })),
    })
    expect(rounded(found.description)).toEqual(rounded(expected.description))
    expect(found.blocks.map(({ linears }) => linears)).toEqual(expected.blocks.map(({ linears }) => linears))
    found.blocks.forEach(({ vectors }, layer) => {
      for (const [name, values] of vectors) {
        const others = [...(expected.blocks[layer].vectors.get(name) ?? [])]
        expect(difference(values, others), name).toBeLessThan(1e-6)
      }
    })
    expect(difference(found.outputNorm.weight, [...expected.outputNorm.weight])).toBeLessThan(1e-6)
  })

  it('has its logits when it generates', async () => {
    const decoder = await openDecoder(device, openGolden(golden))
    onTestFinished(() => decoder.close())
    const last = positions.length - 1
    const wholeText = await decoder.next(tokens)
    expect(difference(wholeText, logits[last])).toBeLessThan(2e-4)
    decoder.reset()
    // Factors for long sequences are those of the whole text only once it is long.
    const start = golden.metadata['phi3.rope.scaling.original_context_length'] === 16 ? tokens.length - 1 : 12
    await decoder.next(tokens.slice(0, start))
    let found: Float32Array = new Float32Array(0)
    for (const token of tokens.slice(start)) found = await decoder.next([token])
    expect(difference(found, logits[last])).toBeLessThan(2e-4)
  })

  it('has its loss and its gradients', async () => {
    const model = openGolden(golden)
    const { engine } = differentiate(model, { kind: 'text' })
    const wanted = Object.keys(golden.gradients)
    const factors = wanted
      .filter((name) => name.endsWith('.rowFactors'))
      .map((name) => [name, new Float32Array(golden.gradients[name].length).fill(1)] as const)
    const table: FactorTable = new Map([[0, Object.fromEntries(factors)]])
    const example: SequenceExample = {
      kind: 'sequence',
      tokens: Int32Array.from(tokens),
      scored: Uint8Array.from(tokens, (_token, index) => (index === 0 ? 0 : 1)),
      line: 0,
    }
    const errors: Record<string, number> = {}
    const scores = await engine.gradients(
      [example],
      overridesOf(table),
      (layer) => (layer === 0 ? wanted : []),
      (_layer, gradients) => {
        for (const name of wanted) errors[name] = difference(gradients[name], golden.gradients[name])
      },
    )
    expect(Math.abs(scores[0].loss / loss - 1)).toBeLessThan(2e-5)
    expect(Object.entries(errors).filter(([, error]) => !(error < 2e-4))).toEqual([])
    expect(Object.keys(errors)).toEqual(wanted)
  })
})
