import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readTask } from '../../../core/data/read-task.js'
import { openModel } from '../../../core/engine/open-model.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import { evaluatedSteps, keepEvaluatedState } from '../../../core/training/evaluated-states.js'
import { openRunData } from '../../../core/training/open-data.js'
import { runJob } from '../../../core/training/open-run.js'
import { openState } from '../../../core/training/open-state.js'
import { planRun } from '../../../core/training/plan-run.js'
import { readJournal, readMetrics, stepsTaken } from '../../../core/training/read-run.js'
import { createRun, runFolder } from '../../../core/training/run-folder.js'
import { caughtError } from '../../support/caught-error.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

const demo = join(import.meta.dirname, '../../../resources/demo')

describe('an earlier state of a run', () => {
  it('is replayed from the journal, bit for bit the one that was kept', async () => {
    const { folder, job, model } = await shortRun('qzo-rows')
    const best = openState(folder, job, model.model, null)
    expect(openState(folder, job, model.model, best.step).parameters.save()).toEqual(best.parameters.save())
    const first = openState(folder, job, model.model, 0)
    expect(first.parameters.save()).not.toEqual(openState(folder, job, model.model, 4).parameters.save())
    expect(caughtError(() => openState(folder, job, model.model, 5)).code).toBe('request-invalid')
    expect([stepsTaken(folder), readJournal(folder).length]).toEqual([4, 4])
    expect(readMetrics(folder).map(({ step }) => step)).toEqual([0, 2, 4])
  })

  it('is that of any evaluation after exact gradients', async () => {
    const { folder, job, model } = await shortRun('exact-rows')
    const best = openState(folder, job, model.model, null)
    expect(evaluatedSteps(folder)).toEqual([2, 4])
    expect(openState(folder, job, model.model, best.step).parameters.save()).toEqual(best.parameters.save())
    const [second, last] = [2, 4].map((step) => openState(folder, job, model.model, step).parameters.save())
    expect(second).not.toEqual(last)
    expect(openState(folder, job, model.model, 0).step).toBe(0)
    const error = caughtError(() => openState(folder, job, model.model, 1))
    expect(error.details).toEqual({ issues: ['step: expected one of 0, 2, 4, found 1'] })
  })
})

describe('the states of evaluations', () => {
  const state = new Uint8Array(10)

  it('keep within their room, the last always, the older ones evenly', () => {
    const folder = runFolder(temporaryFolder())
    for (let step = 1; step <= 100; step++) keepEvaluatedState(folder, { step, state }, 160)
    const steps = evaluatedSteps(folder)
    expect(steps.length).toBeLessThanOrEqual(16)
    expect(steps.length).toBeGreaterThan(7)
    expect(steps.at(-1)).toBe(100)
    const gaps = steps.slice(1).map((step, index) => step - steps[index])
    expect(Math.max(...gaps)).toBeLessThanOrEqual(16)
  })

  it('are not kept where hardly one would have room', () => {
    const folder = runFolder(temporaryFolder())
    keepEvaluatedState(folder, { step: 1, state }, 39)
    expect(evaluatedSteps(folder)).toEqual([])
  })
})

async function shortRun(recipe: 'qzo-rows' | 'exact-rows') {
  const model = openModel(join(demo, 'zerotune-demo.Q4_1.gguf'), new Date(0))
  const task = readTask(join(demo, 'task.json'))
  const data = openRunData(
    { path: join(demo, 'dev.tsv'), devPath: null, task, seed: 1, limit: 60, skipBadRows: false },
    model,
  )
  const choices = { date: new Date(0), recipe, steps: 4, evaluateEvery: 2, batchSize: 4, seed: 1 }
  const { job } = planRun({ ...choices, featureLimitBytes: 0, budgetBytes: 8e9 }, model, data)
  const folder = runFolder(join(temporaryFolder(), 'run'))
  createRun(folder, job)
  const context = { folder, job, model, data, device: openCpuDevice({ threads: 1 }), now: () => 0 }
  const run = runJob(context, new AbortController().signal)
  let next = await run.next()
  while (next.done !== true) next = await run.next()
  return { folder, job, model }
}
