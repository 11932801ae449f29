import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { OpenGraphModel } from '../../../core/engine/open-graph-model.js'
import type { Task } from '../../../core/schema/task.js'
import { openRunData } from '../../../core/training/open-data.js'
import { planAnyRun, planAnyWays } from '../../../core/training/plan-any.js'
import type { RunChoices } from '../../../core/training/plan-run.js'
import type { RunFolder } from '../../../core/training/run-folder.js'
import { caughtError } from '../../support/caught-error.js'
import { graphFolder, openedGraph } from '../../support/graph-models.js'
import { bytesOfRun, runInSessions, type OpenedRows } from '../../support/run-sessions.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

const task: Task = { version: 1, kind: 'text', text: '{text}' }

function opened(): OpenedRows<OpenGraphModel> {
  const model = openedGraph(graphFolder('neox'))
  const path = join(temporaryFolder(), 'rows.tsv')
  const rows = Array.from({ length: 24 }, (_, row) => `${['sun', 'rain', 'tea'][row % 3]} again ${row}`)
  writeFileSync(path, `text\n${rows.join('\n')}\n`)
  const request = { path, devPath: null, task, seed: 1, limit: null, skipBadRows: false }
  return { model, data: openRunData(request, model) }
}

const usual: RunChoices = {
  ...{ date: new Date(0), recipe: 'auto', batchSize: 4, seed: 3, featureLimitBytes: 0, budgetBytes: 4e9 },
  ...{ steps: 4, evaluateEvery: 2, device: 'cpu', threads: 1 },
}

function run(choices: Partial<RunChoices>, sessions: readonly number[]): Promise<RunFolder> {
  return runInSessions(opened(), { ...usual, ...choices }, sessions)
}

describe('training a graph as it is', () => {
  it.each([
    { recipe: 'qzo-paper', learningRate: 1e-4 },
    { recipe: 'qzo', moments: 'adam', learningRate: 0.01 },
    { recipe: 'lozo' },
  ] as const)('gives the same bits however often it was stopped, with %o', async (choices) => {
    const whole = bytesOfRun(await run(choices, []))
    expect(bytesOfRun(await run(choices, [1, 2]))).toEqual(whole)
  })

  it('lowers the loss', async () => {
    const folder = await run({ steps: 40, evaluateEvery: 40, learningRate: 0.03 }, [])
    const losses = readFileSync(folder.metricsPath, 'utf8').match(/"loss":[\d.]+/g) ?? []
    const [before, after] = losses.map((text) => Number(text.slice(7)))
    expect(after).toBeLessThan(before - 0.05)
  })

  it('is by forward passes on block scales, for want of a backward pass', () => {
    const { model, data } = opened()
    const { job, reason, trainedNumbers } = planAnyRun(usual, model, data)
    expect(reason).toEqual({ kind: 'runs-by-graph' })
    expect(job).toMatchObject({ recipe: { name: 'qzo', firstLayer: 0, endLayer: 1 }, features: 'direct' })
    expect(trainedNumbers).toBe(model.model.scales.reduce((sum, { initial }) => sum + initial.length, 0))
  })

  it('takes shorter runs of the graph where longer ones do not fit', () => {
    const { model, data } = opened()
    const [first, second] = planAnyWays(usual, model, data)
    expect([first.job.tokensPerRun, second.kind]).toEqual([512, 'shorter-runs'])
    const budgetBytes = first.memory.totalBytes - 1
    expect(planAnyRun({ ...usual, budgetBytes }, model, data).job.tokensPerRun).toBe(256)
    const error = caughtError(() => planAnyRun({ ...usual, budgetBytes: 1e6 }, model, data))
    expect(error.code).toBe('memory-budget-exceeded')
  })

  it.each<[string, Partial<RunChoices>, string]>([
    ['exact gradients', { recipe: 'exact-rows' }, "'exact-rows' trains something else"],
    ['row factors', { recipe: 'qzo-rows' }, "'qzo-rows' trains something else"],
    ['master weights', { recipe: 'zeroqat' }, "'zeroqat' trains something else"],
    ['layers by probing', { layers: 'auto' }, 'layers cannot be chosen'],
    ['another layer', { layers: [0, 1] }, 'layers 0-1 should lie in 0-0'],
    ['a share of layers', { recipe: 'lezo' }, 'layers cannot be chosen'],
    ['distances of layers', { recipe: 'qzo', magnitudeEvery: 10 }, 'layers cannot be chosen'],
    ['half floats', { precision: 'float16' }, 'layers cannot be chosen'],
    ['cached features', { features: 'cached' }, 'layers cannot be chosen'],
  ])('refuses %s', (_, choices, reason) => {
    const { model, data } = opened()
    const error = caughtError(() => planAnyRun({ ...usual, ...choices }, model, data))
    expect(error).toMatchObject({ code: 'request-invalid' })
    expect(error.message).toContain(reason)
  })
})
