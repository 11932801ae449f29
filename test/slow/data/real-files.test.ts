import { describe, expect, it } from 'vitest'
import { trainingBatches } from '../../../core/data/batches.js'
import { findDuplicates } from '../../../core/data/compare-datasets.js'
import { loadDataset } from '../../../core/data/load-dataset.js'
import { chooseDevLines, splitByLines } from '../../../core/data/split.js'
import { createTokenizer } from '../../../core/data/tokenizer/create-tokenizer.js'
import { openByteSource } from '../../../core/formats/byte-source.js'
import { readGguf } from '../../../core/formats/gguf/read-gguf.js'
import type { TextTask } from '../../../core/schema/task.js'
import { hasShared, sharedPath } from '../../support/shared-files.js'

const model = 'models/SmolLM2-135M-Instruct.Q4_1.gguf'
const sentiment: TextTask = {
  version: 1,
  kind: 'labels',
  prompt: '{sentence} It was',
  labels: { '0': ' terrible', '1': ' great' },
}

describe.skipIf(!hasShared(model, 'data'))('real data (needs ../shared/models and ../shared/data)', () => {
  const openTokenizer = () => {
    const source = openByteSource(sharedPath(model))
    try {
      return createTokenizer(readGguf(source).metadata, model)
    } finally {
      source.close()
    }
  }
  const load = (name: string, task: TextTask, knownColumns: readonly string[] = []) =>
    loadDataset({
      path: sharedPath(`data/${name}`),
      task,
      tokenizer: openTokenizer(),
      contextLength: 2048,
      purpose: 'train',
      knownColumns,
    })

  it('reads all of SST-2, its dev file with another column name', () => {
    const before = process.memoryUsage().rss
    const train = load('sst2/train.tsv', sentiment)
    const growthBytes = process.memoryUsage().rss - before
    const dev = load('sst2/dev.tsv', train.task, train.columns)
    expect(train.dataset.examples.length).toBe(67349)
    expect(dev.dataset.examples.length).toBe(872)
    expect(dev.notices).toEqual(["dev.tsv has no column 'sentence'; using 'content' in its place"])
    expect(train.dataset.objective).toMatchObject({ options: [{ tokens: [13321] }, { tokens: [1109] }] })
    expect(findDuplicates(train, dev).count).toBeLessThan(20)
    // Token ids are 4 MB; the rest is the tokenizer and what the collector has not taken back yet.
    expect(growthBytes).toBeLessThan(200e6)
  })

  it('pads SST-2 batches of 16 by less than a tenth', () => {
    const { dataset } = load('sst2/train.tsv', sentiment)
    const batches = trainingBatches(dataset.examples, 16, 42)
    let tokens = 0
    let padded = 0
    for (let step = 0; step < batches.batchesPerEpoch; step++) {
      const lengths = batches.at(step).map((example) => example.tokens.length)
      tokens += lengths.reduce((sum, length) => sum + length, 0)
      padded += Math.max(...lengths) * lengths.length
    }
    expect(1 - tokens / padded).toBeLessThan(0.1)
  })

  it('reads TREC and finds its label column', () => {
    const task: TextTask = { version: 1, kind: 'labels', prompt: 'Question: {question} The answer is a' }
    const train = load('trec/train.csv', task)
    const test = load('trec/test.csv', train.task, train.columns)
    expect(train.dataset.examples.length).toBe(5452)
    expect(test.dataset.examples.length).toBe(500)
    expect(train.task).toMatchObject({ labelColumn: 'kind' })
    expect(Object.keys((train.task as { labels: object }).labels)).toEqual([
      'abbreviation',
      'description',
      'entity',
      'human',
      'location',
      'number',
    ])
    const { train: kept, dev } = splitByLines(train, chooseDevLines(train, 1))
    expect([kept.dataset.examples.length, dev.dataset.examples.length]).toEqual([4907, 545])
  })

  it('reads WikiText as plain text', () => {
    const { dataset } = load('wikitext2/valid.txt', { version: 1, kind: 'text', text: '{text}' })
    expect(dataset.examples.length).toBeGreaterThan(2000)
    expect(Math.max(...dataset.examples.map(({ tokens }) => tokens.length))).toBe(512)
  })
})
