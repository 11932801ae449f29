import { describe, expect, it } from 'vitest'
import { BlockRunner } from '../../../core/engine/block-runner.js'
import { openDecoder } from '../../../core/engine/decoder.js'
import { generateTokens } from '../../../core/engine/generate-tokens.js'
import { GreedyWriter } from '../../../core/engine/greedy-writer.js'
import type { ModelChanges } from '../../../core/engine/model-changes.js'
import { VocabularyHead } from '../../../core/engine/vocabulary-head.js'
import { findDemo } from '../../../core/hub/demo-files.js'
import { RowFactors } from '../../../core/parameters/row-factors.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import { openParts } from '../../support/open-tiny.js'

const device = openCpuDevice({ threads: 1 })
const { model, tokenizer } = openParts(findDemo().model)
const prompts = ['My parcel', 'The app shows', 'I was charged twice. Team:', 'Hello'].map((text) =>
  tokenizer.encode(text, 'text'),
)
const maxTokens = 12

function writer(tokensPerRun: number) {
  const runner = new BlockRunner(device, model)
  const vocabularyHead = new VocabularyHead(device, model)
  return {
    writer: new GreedyWriter({ model, runner, vocabularyHead, tokensPerRun, endIds: tokenizer.endIds }),
    close: () => Promise.all([runner.close(), vocabularyHead.close()]),
  }
}

/** What generation with a cache of keys and values writes, one prompt at a time. */
async function generated(changes?: ModelChanges): Promise<number[][]> {
  const decoder = await openDecoder(device, model, changes)
  const texts: number[][] = []
  for (const prompt of prompts) {
    const ids: number[] = []
    const sampling = { temperature: 0, topP: 1 }
    const request = { model: decoder, prompt, sampling, seed: 0, maxTokens, endIds: tokenizer.endIds }
    for await (const id of generateTokens({ ...request, signal: new AbortController().signal })) ids.push(id)
    texts.push(ids)
  }
  await decoder.close()
  return texts
}

describe('writing many answers at once', () => {
  it('writes what generation writes, in one run of blocks or in several', async () => {
    const expected = await generated()
    for (const tokensPerRun of [512, 24]) {
      const opened = writer(tokensPerRun)
      const rows = prompts.map((tokens) => ({ tokens: Int32Array.from(tokens), probe: null }))
      expect(await opened.writer.write(rows, () => null, maxTokens)).toEqual(expected)
      await opened.close()
    }
    expect(new Set(expected.map(String)).size).toBeGreaterThan(2)
  })

  it('writes for every row what a model moved along its own direction writes', async () => {
    const layers = { firstLayer: 0, endLayer: model.description.layerCount, hasColumns: false }
    const epsilon = 0.25
    const units = epsilon * 2 ** 20
    const opened = writer(512)
    for (const sign of [1, -1] as const) {
      const rows = prompts.map((tokens, lane) => ({ tokens: Int32Array.from(tokens), probe: { lane, sign } }))
      const probed = new RowFactors(model.description, layers)
      const written = await opened.writer.write(rows, probed.overrides({ seed: 3, epsilon }), maxTokens)
      for (const lane of prompts.keys()) {
        const moved = new RowFactors(model.description, layers)
        moved.move(
          3,
          prompts.map((_, each) => (each === lane ? sign * units : 0)),
        )
        expect(written[lane]).toEqual((await generated(moved))[lane])
      }
    }
    await opened.close()
  })
})
