import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exportGgufLora } from '../../core/export/gguf-lora.js'
import { linearNames } from '../../core/model/description.js'
import { createPart } from '../../core/parameters/create-part.js'
import { PartSet } from '../../core/parameters/part-set.js'
import { moveRandomly } from '../support/differentiated-parts.js'
import { openLlamaJudge } from '../support/llama-judge.js'
import { predictBeside, textWindows } from '../support/next-tokens.js'
import { openParts, type ModelParts } from '../support/open-tiny.js'
import { hasShared, sharedPath } from '../support/shared-files.js'

const modelName = 'models/SmolLM2-135M-Instruct.Q4_1.gguf'
const textName = 'data/wikitext2/valid.txt'

describe.skipIf(!hasShared(modelName, textName))(
  `a LoRA file in llama.cpp (needs ${modelName} and ${textName} in ../shared)`,
  () => {
    let folder: string
    let parts: ModelParts
    let parameters: PartSet
    let lora: string

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'zerotune-test-'))
      parts = openParts(sharedPath(modelName))
      const { description } = parts.model
      const layers = { firstLayer: 3, endLayer: description.layerCount }
      const settings = { kind: 'low-rank', rank: 4, alpha: 8, isRankStabilized: true, seed: 6 } as const
      parameters = new PartSet([createPart({ ...settings, linears: [...linearNames] }, parts.model, layers)])
      moveRandomly(parameters, 0.02)
      lora = join(folder, 'branches.lora.gguf')
      exportGgufLora({ model: description, changes: parameters, target: lora })
    })
    afterAll(() => rmSync(folder, { recursive: true }))

    it('over the base model predicts what our engine predicts with the branches, at 97 % of 1,000 positions', async () => {
      const [tokens] = textWindows(parts, textName, 1)
      const mostLikely = async (adapter?: string): Promise<number[]> => {
        const judge = await openLlamaJudge(sharedPath(modelName), adapter)
        const predicted = await judge.mostLikely(tokens)
        await judge.close()
        return predicted
      }
      const ofBase = await mostLikely()
      const theirs = await mostLikely(lora)
      const ours = await predictBeside(parts, tokens, theirs, parameters.overrides())
      const same = ours.filter(({ token }, position) => token === theirs[position]).length / tokens.length
      const changed = theirs.filter((token, position) => token !== ofBase[position]).length / tokens.length
      const largestDistance = Math.max(...ours.map(({ distance }) => distance))
      console.info(`LoRA: agreement ${same}, distance ${largestDistance}, changed by it ${changed}`)
      expect(tokens).toHaveLength(1000)
      expect(same).toBeGreaterThanOrEqual(0.97)
      expect(largestDistance).toBeLessThan(1)
      // Or the branches would say nothing about how they are read.
      expect(changed).toBeGreaterThan(0.2)
    })
  },
)
