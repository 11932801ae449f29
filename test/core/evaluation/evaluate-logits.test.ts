import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadDataset } from '../../../core/data/load-dataset.js'
import { openOnnxFolder } from '../../../core/engine/onnx-folder.js'
import { openScorer } from '../../../core/engine/open-scorer.js'
import { evaluate, type Evaluation } from '../../../core/evaluation/evaluate.js'
import { evaluateLogits } from '../../../core/evaluation/evaluate-logits.js'
import { exportOnnx } from '../../../core/export/onnx/export-onnx.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import type { TextTask } from '../../../core/schema/task.js'
import { dataFile } from '../../support/data-file.js'
import { openTiny } from '../../support/open-tiny.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

const rows = ['sun and rain\tshine', 'tea\tmilk', `${'a long row '.repeat(9)}\tshine`, 'wood\tmilk']
const labels = { shine: ' light', milk: ' drinks' }
const tasks: TextTask[] = [
  { version: 1, kind: 'labels', prompt: '{a} is', labelColumn: 'b', labels },
  { version: 1, kind: 'labels', prompt: '{a} is', labelColumn: 'b', labels: { shine: ' a', milk: ' b' } },
  { version: 1, kind: 'answer', prompt: '{a} is', answer: ' {b}' },
  { version: 1, kind: 'preference', prompt: '{a} is', chosen: ' {b}', rejected: ' or', beta: 0.1 },
  { version: 1, kind: 'text', text: '{a} is {b}' },
]

describe('an evaluation by the logits of an exported model', () => {
  it.each(tasks)('gives the figures of the engine for $kind', async (task) => {
    const { model, tokenizer, metadata } = openTiny({ vocabulary: 128 })
    const device = openCpuDevice({ threads: 1 })
    const folder = join(temporaryFolder(), 'onnx')
    await exportOnnx({ folder, model, trained: null, tokenizer, metadata, device })
    const path = dataFile('rows.tsv', `a\tb\n${rows.join('\n')}\n`)
    const { dataset } = loadDataset({ path, task, tokenizer, contextLength: 128, purpose: 'evaluate' })

    const opened = openScorer(device, model, dataset.objective)
    const expected = await last(evaluate(opened.scorer, dataset.examples, () => null, 0))
    const exported = await openOnnxFolder(folder, device, new Date(0))
    const found = await last(evaluateLogits(exported.model, dataset.examples, dataset.objective))
    await Promise.all([opened.close(), exported.model.close()])

    expect(found.figures.loss).toBeCloseTo(expected.figures.loss, 4)
    // Running text has no right answers to count.
    expect([expected.figures.accuracy === null, found.figures.accuracy === null]).toEqual(
      Array.from({ length: 2 }, () => task.kind === 'text'),
    )
    found.scores.forEach(({ margin }, index) =>
      expect(margin ?? 0).toBeCloseTo(expected.scores[index].margin ?? 0, 3),
    )
    expect(found.scores.map(({ prediction }) => prediction)).toEqual(
      expected.scores.map(({ prediction }) => prediction),
    )
  })
})

async function last(steps: AsyncGenerator<unknown, Evaluation>): Promise<Evaluation> {
  for (;;) {
    const { done, value } = await steps.next()
    if (done === true) return value
  }
}
