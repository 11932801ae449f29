import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RequestInput } from '../../electron/ipc/contract.js'
import type { Selection } from '../../electron/ipc/selection.js'
import { everyRow } from '../../core/schema/row-selection.js'
import { engineOverChannel, type EngineOverChannel } from '../support/engine-over-channel.js'
import { writeTinyFiles } from '../support/tiny-files.js'

type Choices = RequestInput<'run.start'>['choices']

const choices: Choices = {
  preset: 'quick',
  recipe: 'exact-rows',
  budgetBytes: 4e9,
  steps: 2,
  batchSize: 3,
  learningRate: null,
  perturbationScale: null,
  layers: { first: 1, last: 1 },
  hasColumns: null,
  evaluateEvery: 1,
  patience: 0,
  features: null,
  seed: 1,
}

async function selectTiny(engine: EngineOverChannel): Promise<Selection> {
  const files = writeTinyFiles(engine.folder)
  const model = await engine.ask('model.open', { path: files.model })
  const train = await engine.ask('data.open', { path: files.train })
  const dev = await engine.ask('data.open', { path: files.dev })
  if (!model.ok || !train.ok || !dev.ok) throw new Error('the tiny files did not open')
  return {
    model: model.value.model,
    train: train.value.data,
    dev: dev.value.data,
    task: { version: 1, kind: 'labels', prompt: '{word} is', labelColumn: 'kind' },
    leaveOutBadRows: false,
    maximumTokens: null,
    rows: everyRow,
  }
}

/** Trains to the end, and gives the run's name. */
async function trained(engine: EngineOverChannel, selection: Selection, chosen: Choices): Promise<string> {
  const started = await engine.ask('run.start', { taskId: 'a', selection, choices: chosen, name: null })
  if (!started.ok) throw new Error(started.error.message)
  const { runId } = started.value
  await expect
    .poll(async () => engine.ask('run.current', null), { timeout: 20_000 })
    .toMatchObject({
      value: { run: null },
    })
  return runId
}

describe('a run', () => {
  it('begins where another one ended, in the same layers, and stays as it was on other text', async () => {
    const engine = engineOverChannel()
    const selection = await selectTiny(engine)
    const first = await trained(engine, selection, choices)
    const text = join(engine.folder, 'other.txt')
    writeFileSync(text, 'the sun and the rain and the tea of the stone and the wood\n'.repeat(4))
    const kept = await engine.ask('data.open', { path: text })
    const second = await trained(engine, selection, {
      ...choices,
      layers: null,
      startRunId: first,
      keepBase: { text: kept.ok ? kept.value.data : '', weight: 0.5 },
    })
    const { before, after } = {
      before: await engine.ask('run.get', { runId: first }),
      after: await engine.ask('run.get', { runId: second }),
    }
    if (!before.ok || !after.ok) throw new Error('a run is missing')
    expect(after.value.settings).toMatchObject({
      firstLayer: 1,
      lastLayer: 1,
      startRecipe: 'exact-rows',
      startStep: before.value.summary.bestStep,
      keepText: 'other.txt',
      keepWeight: 0.5,
    })
    // It begins with the loss that the other one ended with.
    expect(after.value.summary.before?.loss).toBeCloseTo(before.value.summary.best?.loss ?? NaN, 6)

    const lost: Choices = { ...choices, startRunId: first, layers: { first: 0, last: 0 } }
    const refused = await engine.ask('plan.make', { taskId: 'b', selection, choices: lost })
    expect(refused).toMatchObject({ ok: false, error: { code: 'request-invalid' } })
  })

  it('trains the layers that probing finds, and not where it goes on from another run', async () => {
    const engine = engineOverChannel()
    const selection = await selectTiny(engine)
    const asked: Choices = { ...choices, recipe: 'qzo-rows', layers: 'auto' }
    const planned = await engine.ask('plan.make', { taskId: 'b', selection, choices: asked })
    expect(planned).toMatchObject({ ok: true, value: { settings: { firstLayer: 0, lastLayer: 1 } } })
    const runId = await trained(engine, selection, asked)
    const run = await engine.ask('run.get', { runId })
    if (!run.ok) throw new Error(run.error.message)
    expect(run.value.notices.join()).toContain(`from ${run.value.settings.firstLayer} up`)
    const onward = { ...asked, startRunId: runId }
    const refused = await engine.ask('plan.make', { taskId: 'b', selection, choices: onward })
    expect(refused).toMatchObject({ ok: false, error: { code: 'request-invalid' } })
    const exact = await engine.ask('plan.make', {
      taskId: 'b',
      selection,
      choices: { ...asked, recipe: 'exact-rows' },
    })
    expect(exact).toMatchObject({ ok: true, value: { settings: { firstLayer: 0, lastLayer: 1 } } })
  })

  it('takes the settings of its own recipe, and lets those of others wait', async () => {
    const engine = engineOverChannel()
    const selection = await selectTiny(engine)
    const planned = async (more: Partial<Choices>) => {
      const asked = { ...choices, layers: null, rank: 3, alpha: 6, bits: 2 as const, ...more }
      const plan = await engine.ask('plan.make', { taskId: 'c', selection, choices: asked })
      return plan.ok ? plan.value.settings : plan.error
    }
    expect(await planned({ recipe: 'exact-lora', keptStates: 'int16' })).toMatchObject({
      rank: 3,
      alpha: 6,
      bits: null,
      keptStates: 'int16',
    })
    expect(await planned({ recipe: 'exact-qat', softRounding: 4 })).toMatchObject({
      rank: null,
      bits: 2,
      softRounding: 4,
      linears: 'attn_q, attn_v',
    })
    const linears = ['ffn_down', 'attn_k'] as const
    const branches: Partial<Choices> = { recipe: 'exact-lora', linears: [...linears], isRankStabilized: true }
    expect(await planned(branches)).toMatchObject({ linears: 'attn_k, ffn_down', isRankStabilized: true })
    expect(await planned({ ...branches, recipe: 'exact-rows' })).toMatchObject({ linears: null })
    expect(await planned({ recipe: 'exact-scales', hasColumns: true })).toMatchObject({ hasColumns: false })
    expect(await planned({ recipe: 'exact-prompt', promptTokens: 5 })).toMatchObject({ promptTokens: 5 })
  })

  it('takes steps as its optimizer is set, where there are gradients', async () => {
    const engine = engineOverChannel()
    const selection = await selectTiny(engine)
    const planned = async (more: Partial<Choices>) => {
      const asked = { ...choices, rowShare: 0.5, optimizerStates: '8bit' as const, warmUpShare: 0.1, ...more }
      const plan = await engine.ask('plan.make', { taskId: 'd', selection, choices: asked })
      return plan.ok ? plan.value.settings : plan.error
    }
    expect(await planned({ schedule: 'cosine', clipNorm: 1, weightDecay: 0.01 })).toMatchObject({
      optimizer: 'adamw',
      optimizerStates: '8bit',
      rowShare: null,
      schedule: 'cosine',
      warmUpShare: 0.1,
      weightDecay: 0.01,
      clipNorm: 1,
    })
    expect(await planned({ optimizer: 'grass' })).toMatchObject({ optimizer: 'grass', rowShare: 0.5 })
    expect(await planned({ optimizer: 'sgd', learningRate: 0.1 })).toMatchObject({
      optimizer: 'sgd',
      optimizerStates: null,
    })
    expect(await planned({ recipe: 'qzo-rows' })).toMatchObject({ optimizer: null, schedule: null })
  })

  it('takes products in half floats where they are asked for, and notes what a run took', async () => {
    const engine = engineOverChannel()
    const selection = await selectTiny(engine)
    const asked: Choices = { ...choices, precision: 'float16' }
    const plan = await engine.ask('plan.make', { taskId: 'h', selection, choices: asked })
    expect(plan).toMatchObject({ ok: true, value: { settings: { precision: 'float16' } } })
    const taken = async (more: Partial<Choices>) => {
      const run = await engine.ask('run.get', {
        runId: await trained(engine, selection, { ...choices, ...more }),
      })
      return run.ok ? run.value.settings.precision : run.error
    }
    expect(await taken({ precision: 'float16' })).toBe('float16')
    // The processor gains nothing by them.
    expect(await taken({})).toBe('float32')
  })

  it('takes probes and a score as they are set, where there are forward passes', async () => {
    const engine = engineOverChannel()
    const selection = await selectTiny(engine)
    const planned = async (more: Partial<Choices>) => {
      const asked = { ...choices, layers: null, recipe: 'qzo' as const, queries: 3, ...more }
      const plan = await engine.ask('plan.make', { taskId: 'e', selection, choices: asked })
      return plan.ok ? { ...plan.value.settings, code: plan.value.reason.code } : plan.error
    }
    expect(await planned({ probing: 'one-sided', layerShare: 0.5 })).toMatchObject({
      probing: 'one-sided',
      queries: 3,
      layerShare: 0.5,
      stepRule: 'normalized',
      score: null,
    })
    expect(await planned({ stepRule: 'sign', learningRate: 0.01 })).toMatchObject({ stepRule: 'sign' })
    expect(await planned({ directions: 'pool', spectral: 'newton-schulz' })).toMatchObject({
      directions: 'pool',
      spectral: 'newton-schulz',
    })
    expect(await planned({ recipe: 'qzo-rows', queries: null, directions: 'pool' })).toMatchObject({
      directions: null,
    })
    const forms = { optimizerStates: '8bit' } as const
    expect(await planned({ ...forms, moments: 'adam' })).toMatchObject({ moments: 'adam', ...forms })
    expect(await planned(forms)).toMatchObject({ moments: 'none', optimizerStates: null })
    expect(await planned({ recipe: 'exact-rows', score: { kind: 'accuracy' } })).toMatchObject({
      probing: null,
      queries: null,
      score: null,
    })
    expect(await planned({ recipe: 'auto', queries: null, score: { kind: 'accuracy' } })).toMatchObject({
      recipe: 'qzo-rows',
      score: 'accuracy',
      code: 'asks-for-probes',
    })
    expect(await planned({ score: { kind: 'length', words: 3, maxTokens: 4 } })).toMatchObject({
      code: 'request-invalid',
    })
  })

  it('begins a soft prompt as a text, one vector a token, in place of a number', async () => {
    const engine = engineOverChannel()
    const selection = await selectTiny(engine)
    const prompted = { ...choices, layers: null, recipe: 'exact-prompt' as const, promptTokens: 9 }
    const asked = { ...prompted, promptText: 'ab' }
    const plan = await engine.ask('plan.make', { taskId: 'f', selection, choices: asked })
    expect(plan.ok && plan.value.settings.promptTokens).toBeLessThan(9)
  })
})
