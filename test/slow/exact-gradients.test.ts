import { describe, expect, it } from 'vitest'
import { trainingBatches } from '../../core/data/batches.js'
import { loadDataset } from '../../core/data/load-dataset.js'
import type { TextTask } from '../../core/schema/task.js'
import { differentiate, factorTable } from '../support/differentiated-model.js'
import { expectSlopes } from '../support/loss-slopes.js'
import { openParts } from '../support/open-tiny.js'
import { hasShared, sharedPath } from '../support/shared-files.js'

const modelFile = 'models/SmolLM2-135M-Instruct.Q4_1.gguf'
const sst2 = 'data/sst2/train.tsv'
const text = 'data/wikitext2/valid.txt'

const tasks: Readonly<Record<string, { file: string; task: TextTask; rows: number; distance: number }>> = {
  'SST-2 labels': {
    file: sst2,
    task: {
      version: 1,
      kind: 'labels',
      prompt: '{sentence} It was',
      labelColumn: 'label',
      labels: { '0': ' terrible', '1': ' great' },
    },
    rows: 16,
    // Label losses bend early in the first layers.
    distance: 0.006,
  },
  'running text': {
    file: text,
    task: { version: 1, kind: 'text', text: '{text}' },
    rows: 2,
    // The vocabulary's normaliser is in float32, and slopes are small: further apart, to rise above its rounding.
    distance: 0.02,
  },
}

/** An early, a middle and a late layer. */
const checked = [
  [0, 'attn_output.rowFactors'],
  [5, 'ffn_up.rowFactors'],
  [17, 'attn_k.rowFactors'],
  [24, 'ffn_gate.rowFactors'],
  [29, 'attn_q.rowFactors'],
] as const

const isMissing = !hasShared(modelFile, sst2, text)

describe.skipIf(isMissing)(`exact gradients of ${modelFile}${isMissing ? ' (missing)' : ''}`, () => {
  it.each(Object.entries(tasks))(
    'of %s are the slopes of the loss',
    async (_, { file, task, rows, distance }) => {
      const { model, tokenizer } = openParts(sharedPath(modelFile))
      const { dataset } = loadDataset({
        path: sharedPath(file),
        purpose: 'train',
        task,
        tokenizer,
        contextLength: 64,
        limit: 512,
      })
      const batch = trainingBatches(dataset.examples, rows, 42).at(3)
      const table = factorTable(model.description, 0, model.description.layerCount)
      const subject = differentiate(model, dataset.objective, { threads: 2 })
      const { gradient, loss } = await subject.gradient(batch, table)
      expect(loss).toBeCloseTo(await subject.loss(batch, table), 4)
      const some = new Map(
        checked.map(([layer, name]) => [
          layer,
          { [name]: gradient.get(layer)?.[name] ?? new Float32Array(0) },
        ]),
      )
      await expectSlopes(subject, batch, table, some, { distance, tolerance: 5e-3 })
    },
  )
})
