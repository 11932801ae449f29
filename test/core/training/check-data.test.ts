import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { readTask } from '../../../core/data/read-task.js'
import { openModel, type OpenModel } from '../../../core/engine/open-model.js'
import { checkData, type DataCheck } from '../../../core/training/check-data.js'
import { openRunData } from '../../../core/training/open-data.js'
import { dataFile } from '../../support/data-file.js'

const demo = join(import.meta.dirname, '../../../resources/demo')
let model: OpenModel

beforeAll(() => {
  model = openModel(join(demo, 'zerotune-demo.Q4_1.gguf'), new Date(0))
})

describe('checking rows before training', () => {
  it('shows what is trained on: the label after the prompt', async () => {
    const { examples } = await check(join(demo, 'train.tsv'))
    expect(examples).toHaveLength(3)
    for (const { spans, tokenCount, trainedCount } of examples) {
      const [prompt, label] = spans
      expect(prompt).toMatchObject({ isTrained: false })
      expect(prompt.text).toMatch(/\nteam:$/i)
      expect(label).toMatchObject({ isTrained: true, tokenCount: trainedCount })
      expect(label.text).toMatch(/^ (billing|delivery|account|technical)$/)
      expect(tokenCount).toBe(prompt.tokenCount + trainedCount)
    }
  })

  it('counts rows by length and label', async () => {
    const found = await check(join(demo, 'train.tsv'))
    const rows = found.tokenLengths.reduce((sum, each) => sum + each.rows, 0)
    expect(rows).toBe(found.trainRows)
    expect(found.tokenLengths.at(-1)?.tokens).toBe(found.longestTokens)
    expect(found.labels.reduce((sum, { trainCount }) => sum + trainCount, 0)).toBe(found.trainRows)
    expect(found.labels.reduce((sum, { devCount }) => sum + devCount, 0)).toBe(found.devRows)
  })

  it('names rows that are too long or torn', async () => {
    const lines = readFileSync(join(demo, 'train.tsv'), 'utf8').trimEnd().split('\n')
    const rows = [...lines, `${'word '.repeat(100)}\tbilling`, 'no label']
    const found = await check(dataFile('rows.tsv', `${rows.join('\n')}\n`), 64)
    const [tooLong, torn] = found.badRows.slice(-2)
    expect(tooLong).toMatchObject({ line: lines.length + 1, column: '' })
    expect(tooLong.problem).toMatch(/expected at most 64 tokens/)
    expect(torn.line).toBe(lines.length + 2)
    expect(torn.problem).toMatch(/fields as in the header/)
  })
})

function check(path: string, maximumTokens: number | null = null): Promise<DataCheck> {
  const task = readTask(join(demo, 'task.json'))
  const request = { path, devPath: null, task, seed: 1, limit: null, skipBadRows: true, maximumTokens }
  return checkData(openRunData(request, model), model)
}
