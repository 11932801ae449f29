import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LabelExample, Objective } from '../../core/data/example.js'
import { openScorer } from '../../core/engine/open-scorer.js'
import { exportGguf } from '../../core/export/gguf.js'
import { openCpuDevice } from '../../core/runtime/ort-device.js'
import { openLlamaJudge, type LlamaJudge } from '../support/llama-judge.js'
import { openParts, type ModelParts } from '../support/open-tiny.js'
import { randomFactors } from '../support/random-factors.js'
import { predictBeside, textWindows, type Prediction } from '../support/next-tokens.js'
import { hasShared, sharedPath } from '../support/shared-files.js'

const modelName = 'models/SmolLM2-135M-Instruct.Q4_1.gguf'
const textName = 'data/wikitext2/valid.txt'
const rowsName = 'data/sst2/dev.tsv'

const windowCount = 2

const objective: Objective = {
  kind: 'labels',
  options: [
    { name: '0', text: ' terrible', tokens: [13321] },
    { name: '1', text: ' great', tokens: [1109] },
  ],
}
const labelTokens = [13321, 1109]

/** Sorted by length, so that batches have little padding. */
function sentimentExamples({ tokenizer }: ModelParts): LabelExample[] {
  const lines = readFileSync(sharedPath(rowsName), 'utf8').trimEnd().split('\n').slice(1)
  return lines
    .map((line, index): LabelExample => {
      const [label, content] = line.split('\t')
      const tokens = Int32Array.from(tokenizer.encode(`${content} It was`, 'text'))
      return { kind: 'label', tokens, label: Number(label), line: index + 2 }
    })
    .toSorted((left, right) => left.tokens.length - right.tokens.length)
}

describe.skipIf(!hasShared(modelName, textName, rowsName))(
  `llama.cpp beside our engine (needs ${modelName}, ${textName} and ${rowsName} in ../shared)`,
  () => {
    describe.each(['base', 'exported'])('on the %s model', (kind) => {
      let folder: string
      let parts: ModelParts
      let judge: LlamaJudge

      beforeAll(async () => {
        folder = mkdtempSync(join(tmpdir(), 'zerotune-test-'))
        let path = sharedPath(modelName)
        if (kind === 'exported') {
          const target = join(folder, 'adapted.gguf')
          const { description } = openParts(path).model
          const factorsOf = randomFactors(description, { seed: 11, spread: 0.05, shape: 'rows' })
          console.info('export', exportGguf({ basePath: path, target, changes: { scaleFactors: factorsOf } }))
          path = target
        }
        parts = openParts(path)
        judge = await openLlamaJudge(path)
      })

      afterAll(async () => {
        await judge.close()
        rmSync(folder, { recursive: true })
      })

      it('the same next token is most likely at 97 % of 2,000 positions', async () => {
        const windows = textWindows(parts, textName, windowCount)
        const ours: Prediction[] = []
        const theirs: number[] = []
        for (const tokens of windows) {
          const predicted = await judge.mostLikely(tokens)
          theirs.push(...predicted)
          ours.push(...(await predictBeside(parts, tokens, predicted)))
        }
        const same = ours.filter(({ token }, position) => token === theirs[position]).length / ours.length
        const largestDistance = Math.max(...ours.map(({ distance }) => distance))
        console.info(`${kind}: agreement ${same}, distance ${largestDistance}`)
        expect(ours).toHaveLength(2000)
        expect(same).toBeGreaterThanOrEqual(0.97)
        // Where the two differ, ours finds the other token nearly as likely: that is rounding, not another model.
        expect(largestDistance).toBeLessThan(1)
      })

      // Of what a person gets; a row takes llama.cpp a fifth of a second.
      it.runIf(kind === 'exported')('label accuracy is within one percentage point', async () => {
        const examples = sentimentExamples(parts)
        const { scorer, close } = openScorer(openCpuDevice(), parts.model, objective)
        const scores = await scorer.score(examples, () => null)
        await close()
        let judged = 0
        for (const { tokens, label } of examples) {
          const [negative, positive] = await judge.logitsAfter([...tokens], labelTokens)
          if (positive > negative === (label === 1)) judged++
        }
        const accuracy = scores.filter(({ isCorrect }) => isCorrect).length / scores.length
        const judgeAccuracy = judged / examples.length
        console.info(
          `${kind}: accuracy ${accuracy}, through llama.cpp ${judgeAccuracy}, of ${examples.length}`,
        )
        expect(Math.abs(accuracy - judgeAccuracy)).toBeLessThanOrEqual(0.01)
      })
    })
  },
)
