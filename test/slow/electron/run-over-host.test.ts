import { everyRow } from '../../../core/schema/row-selection.js'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RequestInput } from '../../../electron/ipc/contract.js'
import type { Selection } from '../../../electron/ipc/selection.js'
import { isEngineBuilt, openTestHost } from '../../support/open-host.js'
import { PageClient } from '../../support/page-client.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

const over = new Set(['done', 'failed', 'stopped'])

describe.skipIf(!isEngineBuilt)('a run over the browser host (npm run build)', () => {
  it('goes from the example to an exported file, with a pause and another window in between', async () => {
    const folder = temporaryFolder()
    const { address } = await openTestHost(folder)
    const page = await PageClient.open(address)
    const selection = await selectExample(page)
    const check = await page.ask('data.check', { taskId: 'check', selection })
    expect(check).toMatchObject({ badRowCount: 0, duplicates: { count: 0 } })
    const plan = await page.ask('plan.make', { taskId: 'plan', selection, choices: choices(60) })
    expect(plan).toMatchObject({
      settings: { recipe: 'qzo-rows', steps: 60 },
      memory: { verdict: 'fits' },
      time: null,
    })
    const measured = await page.ask('plan.dryRun', { taskId: 'dry', selection, choices: choices(60) })
    expect(measured.stepMs).toBeGreaterThan(0)
    expect(measured.stepMs).toBeLessThanOrEqual(measured.longestStepMs)
    expect(measured.longestTokens).toBe(check.longestTokens)
    const timed = await page.ask('plan.make', { taskId: 'plan', selection, choices: choices(60) })
    expect(timed.time).toMatchObject({ stepMs: measured.stepMs, isMeasured: true })

    const { runId } = await page.ask('run.start', {
      taskId: 'run',
      selection,
      choices: choices(60),
      name: 'Mine',
    })
    await page.next('run.progress', ({ step }) => step >= 10)
    const pausing = page.next('run.changed', ({ state }) => state === 'paused')
    await page.ask('run.pause', { runId })
    const { step: pausedAt } = await pausing
    const refused = await page.reply('run.start', {
      taskId: 'run',
      selection,
      choices: choices(5),
      name: null,
    })
    expect(refused).toMatchObject({ ok: false, error: { code: 'run-active', details: { runId } } })

    // The page is loaded again; the run is found as it stands.
    const reloaded = await PageClient.open(address, { token: null, session: page.session })
    const { run } = await reloaded.ask('run.current', null)
    expect(run).toMatchObject({
      summary: { state: 'paused', step: pausedAt },
      vitals: { activity: 'paused' },
    })
    expect(run?.history.steps.map(({ step }) => step)).toEqual(
      Array.from({ length: pausedAt }, (_, i) => i + 1),
    )
    const ending = reloaded.next('run.changed', ({ state }) => over.has(state))
    await reloaded.ask('run.unpause', { runId })
    expect(await ending).toMatchObject({ state: 'done', step: 60, endReason: 'steps-done' })
    expect((await reloaded.ask('run.current', null)).run).toBeNull()
    const told = reloaded.events.filter(({ name }) => name === 'run.progress')
    expect(told.length).toBeGreaterThan(0)

    const { history } = await reloaded.ask('run.get', { runId })
    expect(history.steps).toHaveLength(60)
    const compared = await reloaded.ask('compare.evaluate', { taskId: 'compare', runId, step: null })
    expect(compared.rows).toBe(check.devRows)
    const earlier = await reloaded.ask('compare.evaluate', { taskId: 'compare', runId, step: 0 })
    expect(earlier.lossChange).toEqual({ mean: 0, low: 0, high: 0 })
    expect(earlier.lossTest.pValue).toBeNull()

    const written = await reloaded.ask('export.write', {
      taskId: 'export',
      runId,
      step: null,
      format: 'gguf',
      type: null,
      name: 'My router',
      folder: null,
      system: null,
    })
    expect(written.checks.map(({ check: name, passed }) => [name, passed])).toEqual([
      ['read-back', true],
      ['same-losses', true],
      ['generates', true],
      ['stops', true],
    ])
    const file = join(folder, 'exports', 'my-router.gguf')
    expect(readFileSync(file).subarray(0, 4).toString()).toBe('GGUF')
    expect(readFileSync(join(folder, 'exports', 'my-router.md'), 'utf8')).toMatch(/^# My router\n/)
    const twice = await reloaded.reply('export.write', {
      taskId: 'export',
      runId,
      step: null,
      format: 'gguf',
      type: null,
      name: 'My router',
      folder: null,
      system: null,
    })
    expect(twice).toMatchObject({ ok: false, error: { code: 'file-exists' } })

    await reloaded.ask('run.delete', { runId })
    expect((await reloaded.ask('run.list', null)).runs).toEqual([])
    expect(await reloaded.ask('run.restore', { runId })).toMatchObject({ name: 'Mine', state: 'done' })
  })

  it('keeps a run whose engine was killed, says so, and goes on with it', async () => {
    const folder = temporaryFolder()
    const { address } = await openTestHost(folder)
    const page = await PageClient.open(address)
    const selection = await selectExample(page)
    const { runId } = await page.ask('run.start', {
      taskId: 'run',
      selection,
      choices: choices(80),
      name: null,
    })
    await page.next('run.progress', ({ step }) => step >= 15)
    const dying = page.next('engine.changed', ({ state }) => state === 'gone')
    const pending = page.reply('run.stop', { runId: 'none-of-these' })
    process.kill(lockHolder(folder, runId), 'SIGKILL')
    expect(await dying).toMatchObject({ state: 'gone', cause: 'killed', runId })
    expect((await pending).ok).toBe(false)
    expect(await page.reply('run.list', null)).toMatchObject({ ok: false, error: { code: 'engine-gone' } })

    expect(await page.ask('engine.restart', null)).toEqual({ state: 'ready' })
    const left = await page.ask('run.get', { runId })
    expect(left.summary.state).toBe('interrupted')
    expect(left.summary.step).toBeGreaterThanOrEqual(15)
    const ending = page.next('run.changed', ({ state }) => over.has(state))
    await page.ask('run.resume', { runId })
    expect(await ending).toMatchObject({ state: 'done', step: 80 })
    const { history } = await page.ask('run.get', { runId })
    expect(history.steps.map(({ step }) => step)).toEqual(Array.from({ length: 80 }, (_, i) => i + 1))
  })

  it('stops and keeps a run when the host is closed', async () => {
    const folder = temporaryFolder()
    const host = await openTestHost(folder)
    const page = await PageClient.open(host.address)
    const selection = await selectExample(page)
    const { runId } = await page.ask('run.start', {
      taskId: 'run',
      selection,
      choices: choices(500),
      name: null,
    })
    await page.next('run.progress', ({ step }) => step >= 5)
    await host.close()
    expect(host.engine.state).toMatchObject({ state: 'gone', cause: 'ended' })
    expect(existsSync(join(folder, 'runs', runId, 'run.lock'))).toBe(false)
    const again = await PageClient.open((await openTestHost(folder)).address)
    const { runs } = await again.ask('run.list', null)
    expect(runs).toMatchObject([{ runId, state: 'stopped', endReason: 'stopped' }])
  })
})

async function selectExample(page: PageClient): Promise<Selection> {
  const { models } = await page.ask('model.list', { taskId: 'models' })
  const model = models.find(({ source }) => source === 'embedded')?.model ?? ''
  const { train, dev, task } = await page.ask('data.embedded', null)
  return {
    model,
    train: train.data,
    dev: dev.data,
    task,
    leaveOutBadRows: false,
    maximumTokens: null,
    rows: everyRow,
  }
}

/** Forward passes only: its steps are the same wherever it is interrupted. */
function choices(steps: number): RequestInput<'run.start'>['choices'] {
  return {
    preset: 'quick',
    recipe: 'qzo-rows',
    budgetBytes: 4e9,
    steps,
    batchSize: null,
    learningRate: null,
    perturbationScale: null,
    layers: null,
    hasColumns: null,
    evaluateEvery: 40,
    patience: 0,
    features: null,
    seed: 1,
  }
}

/** The engine's process, by the lock of the run that it works on. */
function lockHolder(folder: string, runId: string): number {
  const path = join(folder, 'runs', runId)
  expect(readdirSync(path)).toContain('run.lock')
  return Number(readFileSync(join(path, 'run.lock'), 'utf8'))
}
