import { describe, expect, it } from 'vitest'
import type { OpenGraphModel } from '../../../core/engine/open-graph-model.js'
import { everyRow } from '../../../core/schema/row-selection.js'
import type { Task } from '../../../core/schema/task.js'
import { openRunData, type DataRequest } from '../../../core/training/open-data.js'
import { planAnyRun } from '../../../core/training/plan-any.js'
import type { RunChoices } from '../../../core/training/plan-run.js'
import type { RunFolder } from '../../../core/training/run-folder.js'
import { caughtError } from '../../support/caught-error.js'
import { goldenGraphFolder, graphFolder, openedGraph } from '../../support/graph-models.js'
import { bytesOfRun, runInSessions, type OpenedRows } from '../../support/run-sessions.js'
import { perturbedDit, writeDitRows } from '../../support/tensor-rows.js'

const task: Task = { version: 1, kind: 'tensors' }
const usual = {
  ...{ date: new Date(0), recipe: 'auto', batchSize: 8, seed: 3, featureLimitBytes: 0, budgetBytes: 4e9 },
  ...{ steps: 6, evaluateEvery: 3, device: 'cpu', threads: 1 },
} as const satisfies RunChoices

function requestOf(path: string): DataRequest {
  return { path, devPath: null, task, seed: 1, limit: null, skipBadRows: false }
}

async function opened(rows = 24): Promise<OpenedRows<OpenGraphModel>> {
  const model = openedGraph(goldenGraphFolder('dit'))
  const path = await writeDitRows(perturbedDit(0.2, 5), rows, 1)
  return { model, data: openRunData(requestOf(path), model) }
}

function run(
  rows: OpenedRows<OpenGraphModel>,
  choices: Partial<RunChoices>,
  sessions: readonly number[],
): Promise<RunFolder> {
  return runInSessions(rows, { ...usual, ...choices }, sessions)
}

describe('training a graph from tensors to tensors', () => {
  it.each([
    { recipe: 'qzo-paper', learningRate: 1e-4 },
    { recipe: 'qzo', moments: 'adam' },
    { recipe: 'lozo' },
  ] as const)('gives the same bits however often it was stopped, with %o', async (choices) => {
    const rows = await opened()
    const whole = bytesOfRun(await run(rows, choices, []))
    expect(bytesOfRun(await run(rows, choices, [1, 2]))).toEqual(whole)
  })

  it('is by forward passes on block scales, over the mean squared error of its output', async () => {
    const { model, data } = await opened()
    const { job, reason, memory } = planAnyRun(usual, model, data)
    expect(reason).toEqual({ kind: 'runs-by-graph' })
    expect(job).toMatchObject({
      ...{ task: { kind: 'tensors', target: 'noise' }, features: 'direct' },
      recipe: { name: 'qzo', firstLayer: 0, endLayer: 1 },
    })
    expect(memory.items.find(({ name }) => name === 'head')?.bytes).toBe(0)
    const error = caughtError(() => planAnyRun({ ...usual, budgetBytes: 1e6 }, model, data))
    expect(error.code).toBe('memory-budget-exceeded')
  })

  it.each<[string, Partial<RunChoices>, string]>([
    ['exact gradients', { recipe: 'exact-rows' }, "'exact-rows' trains something else"],
    ['a soft prompt', { recipe: 'exact-prompt' }, 'reads no text'],
    ['accuracy', { score: { kind: 'accuracy' } }, 'this task has none'],
  ])('refuses %s', async (_, choices, reason) => {
    const { model, data } = await opened(8)
    const error = caughtError(() => planAnyRun({ ...usual, ...choices }, model, data))
    expect(error).toMatchObject({ code: 'request-invalid' })
    expect(error.message).toContain(reason)
  })

  it('refuses text, and choices of text', async () => {
    const { model, data } = await opened(8)
    const request = requestOf(data.job.path)
    const refused = (changes: Partial<DataRequest>, reader = model): string =>
      caughtError(() => openRunData({ ...request, ...changes }, reader)).message
    expect(refused({ task: { version: 1, kind: 'text', text: '{text}' } })).toContain('reads no text')
    expect(refused({}, openedGraph(graphFolder('neox')))).toContain('this model reads text')
    expect(refused({ maximumTokens: 64 })).toContain('no columns, tokens or texts')
    expect(refused({ selection: { ...everyRow, groupBy: 'x' } })).toContain('no columns, tokens or texts')
  })
})
