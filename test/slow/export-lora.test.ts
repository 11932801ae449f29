import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SequenceExample } from '../../core/data/example.js'
import { BlockRunner } from '../../core/engine/block-runner.js'
import { GradientEngine } from '../../core/engine/gradient-engine.js'
import { directFeatures } from '../../core/engine/scorer.js'
import { VocabularyHead } from '../../core/engine/vocabulary-head.js'
import { exportGgufLora } from '../../core/export/gguf-lora.js'
import { createTensorRule } from '../../core/optimizer/create-tensor-rule.js'
import { createPart } from '../../core/parameters/create-part.js'
import { PartSet } from '../../core/parameters/part-set.js'
import { openCpuDevice } from '../../core/runtime/ort-device.js'
import { recipeTemplates } from '../../core/training/recipe-templates.js'
import { openLlamaJudge } from '../support/llama-judge.js'
import { predictBeside, textWindows } from '../support/next-tokens.js'
import { openParts, type ModelParts } from '../support/open-tiny.js'
import { hasShared, sharedPath } from '../support/shared-files.js'

const modelName = 'models/SmolLM2-135M-Instruct.Q4_1.gguf'
const textName = 'data/wikitext2/valid.txt'
const positions = 500
const steps = 6

/** Branches that have begun to learn the tokens by heart: random ones would leave a model that is sure of nothing. */
async function learned({ model }: ModelParts, tokens: readonly number[]): Promise<PartSet> {
  const layers = { firstLayer: 15, endLayer: model.description.layerCount }
  const part = { kind: 'low-rank', rank: 8, alpha: 16, isRankStabilized: true, seed: 6 } as const
  const linears = ['attn_q', 'attn_v', 'ffn_up', 'ffn_down'] as const
  const parameters = new PartSet([createPart({ ...part, linears: [...linears] }, model, layers)])
  const device = openCpuDevice()
  const runner = new BlockRunner(device, model)
  const vocabularyHead = new VocabularyHead(device, model)
  const features = directFeatures(model, runner, layers.firstLayer)
  const options = {
    model,
    runner,
    vocabularyHead,
    features,
    objective: { kind: 'text' },
    tokensPerRun: 512,
  } as const
  const engine = new GradientEngine({ ...options, device })
  const scored = new Uint8Array(tokens.length).fill(1, 1)
  const example: SequenceExample = { kind: 'sequence', tokens: Int32Array.from(tokens), scored, line: 1 }
  const { update } = recipeTemplates['exact-rows']
  const rules = parameters.tensors.map((tensor) => createTensorRule(update, tensor, 1))
  for (let step = 0; step < steps; step++) {
    for (const { gradient } of parameters.tensors) gradient.fill(0)
    await engine.gradients(
      [example],
      parameters.overrides(),
      (layer) => parameters.wanted(layer),
      (layer, gradients) => parameters.accumulate(layer, gradients),
    )
    parameters.tensors.forEach(({ values, gradient }, i) =>
      rules[i].update(values, gradient, { step, learningRate: update.learningRate }),
    )
  }
  for (const part of [engine, runner, vocabularyHead]) await part.close()
  return parameters
}

describe.skipIf(!hasShared(modelName, textName))(
  `a LoRA file in llama.cpp (needs ${modelName} and ${textName} in ../shared)`,
  () => {
    let folder: string

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'zerotune-test-'))
    })
    afterAll(() => rmSync(folder, { recursive: true }))

    it('over the base model predicts what our engine predicts with the branches, at 97 % of 500 positions', async () => {
      const parts = openParts(sharedPath(modelName))
      const tokens = textWindows(parts, textName, 1)[0].slice(0, positions)
      const parameters = await learned(parts, tokens)
      const lora = join(folder, 'branches.lora.gguf')
      exportGgufLora({ model: parts.model.description, changes: parameters, target: lora })
      const mostLikely = async (adapter?: string): Promise<number[]> => {
        const judge = await openLlamaJudge(sharedPath(modelName), adapter)
        const predicted = await judge.mostLikely(tokens)
        await judge.close()
        return predicted
      }
      const ofBase = await mostLikely()
      const theirs = await mostLikely(lora)
      const ours = await predictBeside(parts, tokens, theirs, parameters.overrides())
      const same = ours.filter(({ token }, position) => token === theirs[position]).length / positions
      const changed = theirs.filter((token, position) => token !== ofBase[position]).length / positions
      const largestDistance = Math.max(...ours.map(({ distance }) => distance))
      console.info(`LoRA: agreement ${same}, distance ${largestDistance}, changed by it ${changed}`)
      expect(tokens).toHaveLength(positions)
      expect(same).toBeGreaterThanOrEqual(0.97)
      expect(largestDistance).toBeLessThan(1)
      // Or the branches would say nothing about how they are read.
      expect(changed).toBeGreaterThan(0.2)
    })
  },
)
