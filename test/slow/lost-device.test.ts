import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readTask } from '../../core/data/read-task.js'
import { openModel } from '../../core/engine/open-model.js'
import type { Device } from '../../core/runtime/device.js'
import { openCpuDevice } from '../../core/runtime/ort-device.js'
import { EngineError } from '../../core/schema/engine-error.js'
import { openRunData } from '../../core/training/open-data.js'
import { runJob } from '../../core/training/open-run.js'
import type { RunContext } from '../../core/training/run-engine.js'
import { openState } from '../../core/training/open-state.js'
import { planRun } from '../../core/training/plan-run.js'
import { stepsTaken } from '../../core/training/read-run.js'
import { createRun, runFolder } from '../../core/training/run-folder.js'
import { memoryDevice } from '../support/memory-device.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const demo = join(import.meta.dirname, '../../resources/demo')

/** A GPU that goes away after so many runs of graphs. */
function losing(device: Device, runs: number): Device {
  let left = runs
  return {
    ...device,
    open: async (graph, options) => {
      const session = await device.open(graph, options)
      return {
        close: () => session.close(),
        run: (inputs, outputs) => {
          if (left-- > 0) return session.run(inputs, outputs)
          throw new EngineError('device-lost', { device: device.name }, 'the driver was reset')
        },
      }
    },
  }
}

function contextOf(recipe: 'qzo-rows' | 'exact-rows', device: Device): RunContext {
  const model = openModel(join(demo, 'zerotune-demo.Q4_1.gguf'), new Date(0))
  const task = readTask(join(demo, 'task.json'))
  const data = openRunData(
    { path: join(demo, 'dev.tsv'), devPath: null, task, seed: 1, limit: 60, skipBadRows: false },
    model,
  )
  const choices = { date: new Date(0), recipe, steps: 6, evaluateEvery: 6, batchSize: 4, seed: 1 }
  const { job } = planRun({ ...choices, featureLimitBytes: 0, budgetBytes: 8e9 }, model, data)
  const folder = runFolder(join(temporaryFolder(), 'run'))
  createRun(folder, job)
  return { folder, job, model, data, device, now: () => 0 }
}

async function follow(context: RunContext): Promise<void> {
  const run = runJob(context, new AbortController().signal)
  while ((await run.next()).done !== true);
}

it.each(['qzo-rows', 'exact-rows'] as const)(
  'a device lost in mid-run keeps the state, frees what it held, and the run goes on to the same end (%s)',
  async (recipe) => {
    const whole = contextOf(recipe, memoryDevice(openCpuDevice({ threads: 1 })).device)
    await follow(whole)
    const { device, held } = memoryDevice(openCpuDevice({ threads: 1 }))
    const context = contextOf(recipe, device)
    await expect(follow({ ...context, device: losing(device, 24) })).rejects.toMatchObject({
      code: 'device-lost',
    })
    expect(held()).toBe(0)
    const taken = stepsTaken(context.folder)
    expect(taken).toBeGreaterThan(0)
    expect(taken).toBeLessThan(6)
    await follow(context)
    const states = [whole, context].map(({ folder, job, model }) =>
      openState(folder, job, model.model, null).parameters.save(),
    )
    expect(states[1]).toEqual(states[0])
  },
)
