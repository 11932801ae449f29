import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openModel, type OpenModel } from '../../../core/engine/open-model.js'
import { layerFreezes } from '../../../core/cli/option-values.js'
import type { LayerFreeze } from '../../../core/schema/layer-freeze.js'
import type { Task } from '../../../core/schema/task.js'
import { costOf, meanStepShare, passesUntil } from '../../../core/training/cost.js'
import { openRunData } from '../../../core/training/open-data.js'
import { openState } from '../../../core/training/open-state.js'
import { planRun, type RunChoices } from '../../../core/training/plan-run.js'
import { readJob, type RunFolder } from '../../../core/training/run-folder.js'
import { readJournal, readMetrics } from '../../../core/training/read-run.js'
import { resolveRecipe } from '../../../core/training/resolve-recipe.js'
import { caughtError } from '../../support/caught-error.js'
import { bytesOfRun, runInSessions, type OpenedRows } from '../../support/run-sessions.js'
import { writeTinyFiles } from '../../support/tiny-files.js'

const task: Task = {
  ...{ version: 1, kind: 'labels', prompt: '{word} is', labelColumn: 'kind' },
  labels: { '0': ' a', '1': ' b' },
}
const freezes: readonly LayerFreeze[] = [
  { step: 2, layer: 1, featureFormat: null },
  { step: 5, layer: 3, featureFormat: 'int8' },
]
const usual: RunChoices = {
  ...{
    date: new Date(0),
    recipe: 'qzo-rows',
    batchSize: 4,
    seed: 3,
    featureLimitBytes: 2e9,
    budgetBytes: 4e9,
  },
  ...{ steps: 8, evaluateEvery: 1, device: 'cpu', threads: 1, layers: [0, 3] },
}

const scratch = mkdtempSync(join(tmpdir(), 'zerotune-freezes-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

function opened(): OpenedRows<OpenModel> {
  const files = writeTinyFiles(scratch, { layers: 4 })
  const model = openModel(files.model, new Date(0))
  const request = { task, seed: 1, limit: null, skipBadRows: false }
  return { model, data: openRunData({ ...request, path: files.train, devPath: files.dev }, model) }
}

const rows = opened()

function run(choices: Partial<RunChoices>, sessions: readonly number[] = []): Promise<RunFolder> {
  return runInSessions(rows, { ...usual, features: 'cached', ...choices }, sessions)
}

const lossesOf = (folder: RunFolder): number[] => readMetrics(folder).map(({ loss }) => loss)

/** The numbers of the layers below one after some steps. */
function numbersBelow(folder: RunFolder, layer: number, step: number): unknown {
  const { parameters } = openState(folder, readJob(folder), rows.model.model, step)
  const of = (name: string): number => Number(/^blk\.(\d+)\./.exec(name)?.[1])
  return [...parameters.numbers].filter(([name]) => of(name) < layer)
}

describe('layers that freeze while a run goes', () => {
  it('move until then and stay from then on, while those above go on', async () => {
    const folder = await run({ freezes })
    expect(numbersBelow(folder, 1, 8)).toEqual(numbersBelow(folder, 1, 2))
    expect(numbersBelow(folder, 3, 8)).toEqual(numbersBelow(folder, 3, 5))
    expect(numbersBelow(folder, 1, 2)).not.toEqual(numbersBelow(folder, 1, 1))
    expect(numbersBelow(folder, 3, 5)).not.toEqual(numbersBelow(folder, 3, 4))
    expect(numbersBelow(folder, 4, 8)).not.toEqual(numbersBelow(folder, 4, 7))
  })

  it.each([
    // Before, at and after the freezes.
    ['cached', [1, 1, 3, 1]],
    ['direct', [2]],
  ] as const)('give the same bits however often the run was stopped (%s)', async (features, sessions) => {
    const choices = { features, freezes }
    expect(bytesOfRun(await run(choices, sessions))).toEqual(bytesOfRun(await run(choices)))
  })

  it('have the losses of the same state without a cache', async () => {
    const inFloats = freezes.map((freeze) => ({ ...freeze, featureFormat: null }))
    const [cached, direct] = [await run({ freezes: inFloats }), await run({ freezes, features: 'direct' })]
    const losses = lossesOf(direct)
    lossesOf(cached).forEach((loss, index) => expect(loss).toBeCloseTo(losses[index], 5))
    expect(readJournal(cached)).toHaveLength(8)
  })

  it('keep coarser states from then on, and leave no file behind', async () => {
    const [coarse, fine] = [
      await run({ freezes }),
      await run({ freezes: [freezes[0], { ...freezes[1], featureFormat: null }] }),
    ]
    const differences = lossesOf(fine).map((loss, step) => Math.abs(loss - lossesOf(coarse)[step]))
    expect(differences.slice(0, 5)).toEqual([0, 0, 0, 0, 0])
    expect(differences[5]).toBeGreaterThan(0)
    expect(Math.max(...differences)).toBeLessThan(0.05)
    const { featuresPath } = coarse
    expect([featuresPath, `${featuresPath}.raised`].map((path) => existsSync(path))).toEqual([false, false])
  })

  it('cost what runs above them, and the layers between once a row', () => {
    const { job } = planRun({ ...usual, features: 'cached', freezes }, rows.model, rows.data)
    const cost = costOf(job, 4, rows.data.train.dataset.examples)
    const batches = rows.data.train.dataset.examples.length / 4
    expect(passesUntil(cost, 0)).toBe(0)
    expect(passesUntil(cost, 1)).toBe(2)
    expect(passesUntil(cost, 2)).toBe(4 + batches / 4)
    const whole = 4 + batches / 4 + 3 * 2 * (3 / 4) + batches / 2 + 3 * 2 * (1 / 4)
    expect(passesUntil(cost, 8)).toBe(whole)
    expect(meanStepShare(cost, 8)).toBe(whole / 16)
  })
})

describe('a plan of freezes', () => {
  it('keeps states in a file only where two of them fit beside each other', () => {
    const choices = { ...usual, steps: 400, freezes }
    const bytes = (featureLimitBytes: number) =>
      planRun({ ...choices, featureLimitBytes }, rows.model, rows.data).job.features
    expect([bytes(1e9), bytes(10)]).toEqual(['cached', 'direct'])
  })

  it.each<[string, Partial<Parameters<typeof resolveRecipe>[0]>, string]>([
    ['steps out of order', { freezes: freezes.toReversed() }, 'from the bottom up'],
    ['the first trained layer', { freezes, layers: [1, 3] }, 'from the bottom up'],
    ['a layer above the last', { freezes, layers: [0, 2] }, 'from the bottom up'],
    ['running means', { freezes, moments: 'momentum' }, 'running means'],
    ['magnitudes', { freezes, recipe: 'dizo', layers: [0, 3] }, 'running means'],
    ['layers by probing', { freezes, layers: 'auto' }, 'name the trained layers'],
    ['exact gradients', { freezes, recipe: 'exact-rows' }, 'exact-rows'],
  ])('refuses %s', (_, choices, reason) => {
    const error = caughtError(() =>
      resolveRecipe({ recipe: 'qzo-rows', seed: 1, layers: [0, 3], ...choices }, 4),
    )
    expect(error.code).toBe('request-invalid')
    expect(error.message).toContain(reason)
  })

  it('is read from a flag', () => {
    expect(layerFreezes('2:1,5:3:int8')).toEqual(freezes)
    for (const text of ['2', '0:1', '2:1:int2', '2:1,']) expect(() => layerFreezes(text)).toThrow(/200:10/)
  })
})
