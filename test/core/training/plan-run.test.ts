import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { readTask } from '../../../core/data/read-task.js'
import { openModel, type OpenModel } from '../../../core/engine/open-model.js'
import { bytesUnpackedAtOnce } from '../../../core/engine/unpacked-weights.js'
import type { RecipeName } from '../../../core/schema/recipe.js'
import { openRunData, type RunData } from '../../../core/training/open-data.js'
import { planRun, type RunChoices, type RunPlan } from '../../../core/training/plan-run.js'
import { recipeTemplates } from '../../../core/training/recipe-templates.js'
import { createParameters } from '../../../core/training/recipes.js'
import { rowDemand } from '../../../core/training/row-demand.js'
import { caughtError } from '../../support/caught-error.js'

const demo = join(import.meta.dirname, '../../../resources/demo')
let model: OpenModel
let data: RunData

beforeAll(() => {
  model = openModel(join(demo, 'zerotune-demo.Q4_1.gguf'), new Date(0))
  const task = readTask(join(demo, 'task.json'))
  const paths = { path: join(demo, 'train.tsv'), devPath: join(demo, 'dev.tsv') }
  data = openRunData({ ...paths, task, seed: 1, limit: null, skipBadRows: false }, model)
})

const plan = (choices: Partial<RunChoices>) =>
  planRun(
    {
      date: new Date(0),
      recipe: 'auto',
      batchSize: 16,
      seed: 1,
      featureLimitBytes: 2e9,
      budgetBytes: 8e9,
      ...choices,
    },
    model,
    data,
  )

describe('planning a run', () => {
  it('takes exact gradients on all layers where they fit', () => {
    const { job, reason, memory } = plan({})
    expect(reason).toEqual({ kind: 'exact-fits' })
    expect(job.recipe).toMatchObject({ name: 'exact-rows', firstLayer: 0, endLayer: 4 })
    expect(job).toMatchObject({ steps: 100, tokensPerRun: 512, budgetBytes: 8e9 })
    expect(memory.totalBytes).toBe(memory.items.reduce((sum, { bytes }) => sum + bytes, 0))
  })

  it('keeps states in 16 bits, then in a file, and then shortens the runs of a block', () => {
    const found = [plan({})]
    for (let i = 0; i < 3; i++) found.push(plan({ budgetBytes: found[i].memory.totalBytes - 1 }))
    expect(found.map(({ reason }) => reason.kind)).toEqual(Array(4).fill('exact-fits'))
    expect(found.map(({ job }) => [job.tokensPerRun, job.keptStates])).toEqual([
      [512, 'float32'],
      [512, 'int16'],
      [512, 'file'],
      [256, 'float32'],
    ])
  })

  it('keeps states as it is told to, but not where there are none', () => {
    expect(plan({ keptStates: 'int8' }).job.keptStates).toBe('int8')
    const refused = caughtError(() => plan({ recipe: 'qzo-rows', keptStates: 'int8' }))
    expect(refused.message).toContain('keeps no states')
  })

  it('trains as many of the upper layers as fit before it gives exact gradients up', () => {
    const smallest = (layers: readonly [number, number]): number => {
      const error = caughtError(() => plan({ recipe: 'exact-rows', layers, budgetBytes: 1 }))
      return (error.details as { requiredBytes: number }).requiredBytes
    }
    const budgetBytes = smallest([2, 3])
    expect(smallest([1, 3])).toBeGreaterThan(budgetBytes)
    const { job, reason, memory } = plan({ budgetBytes })
    expect(reason).toEqual({ kind: 'exact-on-upper-layers', exactBytes: smallest([0, 3]) })
    expect(job.recipe).toMatchObject({ name: 'exact-rows', firstLayer: 2, endLayer: 4 })
    expect(memory.totalBytes).toBe(budgetBytes)
  })

  it('goes on with forward passes only where exact gradients do not fit', () => {
    const exact = plan({}).memory.totalBytes
    const probes = plan({ recipe: 'qzo-rows' }).memory.totalBytes
    let budgetBytes = exact
    for (
      let found = plan({ budgetBytes });
      found.reason.kind.startsWith('exact-') && found.reason.kind !== 'exact-too-large';
    ) {
      budgetBytes = found.memory.totalBytes - 1
      found = plan({ budgetBytes })
    }
    const { job, reason } = plan({ budgetBytes })
    expect(job.recipe.name).toBe('qzo-rows')
    expect(reason).toEqual({ kind: 'exact-too-large', exactBytes: exact })
    expect(probes).toBeLessThan(exact)
  })

  it.each(Object.keys(recipeTemplates) as RecipeName[])(
    'knows what %s trains without making it',
    (recipe) => {
      const { job, trainedNumbers } = plan({ recipe })
      expect(trainedNumbers).toBe(createParameters(job.recipe, model.model).count)
    },
  )

  it('plans for the states that are chosen', () => {
    const states = (optimizerStates: '8bit' | 'fp32') => plan({ recipe: 'exact-qat', optimizerStates })
    const bytes = (found: RunPlan) =>
      found.memory.items.find(({ name }) => name === 'trained-numbers')?.bytes ?? 0
    const saved = bytes(states('fp32')) - bytes(states('8bit'))
    // 8 bytes a number against 2 and the scales of blocks; small tensors keep floats.
    expect(saved / states('8bit').trainedNumbers).toBeGreaterThan(5.9)
    expect(saved / states('8bit').trainedNumbers).toBeLessThan(6)
  })

  it('plans for half floats where a backward pass has them, and only there', () => {
    const activations = (choices: Partial<RunChoices>) =>
      plan({ keptStates: 'float32', ...choices }).memory.items.find(({ name }) => name === 'activations')
        ?.bytes ?? 0
    const { width, feedForwardWidth } = model.model.description
    const exact = { recipe: 'exact-rows' } as const
    const more = activations({ ...exact, precision: 'float16' }) - activations(exact)
    // Two bytes a number of the widest product, and one matrix of floats in place of all of the block.
    const tokens = Math.min(512, 16 * rowDemand(data).largestExample)
    const block = bytesUnpackedAtOnce(model.model.description)
    const halves = 2 * tokens * (width + feedForwardWidth) + 2 * 4 * width * feedForwardWidth - block
    expect(more).toBeCloseTo(1.4 * halves, -1)
    expect(plan({ ...exact, precision: 'float16' }).job.precision).toBe('float16')
    expect(plan({ ...exact, precision: 'float32' })).toEqual(plan(exact))
    const probes = { recipe: 'qzo-rows', keptStates: 'float32' } as const
    expect(activations({ ...probes, precision: 'float16' })).toBe(activations(probes))
  })

  it('leaves as many lower layers to the processor as a device has no room for', () => {
    const whole = plan({ device: 'webgpu' })
    const bytes = whole.memory.deviceBytes ?? 0
    const { stored } = model.model.blocks[0]
    expect(plan({}).memory.deviceBytes).toBeUndefined()
    expect(whole.job.processorLayers).toBe(0)
    const less = plan({ device: 'webgpu', deviceMemoryBytes: bytes - stored.byteLength })
    expect(less.job.processorLayers).toBe(1)
    expect(less.memory.deviceBytes).toBeLessThanOrEqual(bytes - stored.byteLength)
    const weights = ({ memory }: RunPlan) => memory.items.find(({ name }) => name === 'weights')?.bytes
    // What the device has is not kept here, unless it is changed here.
    expect([whole, less].map(weights)).toEqual([0, stored.byteLength])
    const ofScales = { recipe: 'qzo', layers: [0, 3] } as const
    expect(weights(plan({ device: 'webgpu', ...ofScales }))).toBe(weights(plan(ofScales)))
  })

  it('says what is missing where nothing fits', () => {
    const error = caughtError(() => plan({ budgetBytes: 50e6 }))
    expect(error).toMatchObject({ code: 'memory-budget-exceeded', details: { availableBytes: 50e6 } })
  })

  it('leaves a chosen recipe alone, and follows probes where their size is given', () => {
    expect(plan({ recipe: 'qzo' }).reason).toEqual({ kind: 'chosen-by-person' })
    expect(plan({ perturbationScale: 0.02 })).toMatchObject({
      reason: { kind: 'asks-for-probes' },
      job: { recipe: { name: 'qzo-rows', perturbationScale: 0.02 } },
    })
  })
})
