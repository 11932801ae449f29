import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { textExample } from '../../../core/data/example.js'
import { openModel } from '../../../core/engine/open-model.js'
import { BlockRunner } from '../../../core/engine/block-runner.js'
import { RisingFeatures } from '../../../core/engine/rising-features.js'
import { directFeatures } from '../../../core/engine/scorer.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import { everyRow } from '../../../core/schema/row-selection.js'
import type { RecipeName } from '../../../core/schema/recipe.js'
import { openRunData } from '../../../core/training/open-data.js'
import { planRun } from '../../../core/training/plan-run.js'
import { probeLayers } from '../../../core/training/probe-layers.js'
import { readJob, runFolder } from '../../../core/training/run-folder.js'
import { runCommand } from '../../support/command-line.js'
import { temporaryFolder } from '../../support/temporary-folder.js'
import { writeTinyFiles } from '../../support/tiny-files.js'

const device = openCpuDevice({ threads: 1 })

function opened(layers: number) {
  const files = writeTinyFiles(temporaryFolder(), { layers })
  const model = openModel(files.model, new Date(0))
  const task = { version: 1, kind: 'labels', prompt: '{word} is', labelColumn: 'kind', labels: { 0: ' a', 1: ' b' } } as const // prettier-ignore
  const rows = { path: files.train, devPath: files.dev, limit: null, skipBadRows: false, selection: everyRow }
  return { files, model, data: openRunData({ ...rows, task, seed: 1 }, model) }
}

async function probed(recipe: RecipeName) {
  const { model, data } = opened(3)
  const choices = { date: new Date(0), recipe, layers: 'auto', steps: 2, batchSize: 4, seed: 1 } as const
  const { job } = planRun({ ...choices, featureLimitBytes: 1e6, budgetBytes: 8e9 }, model, data)
  expect(job.recipe).toMatchObject({ firstLayer: 0, endLayer: 3 })
  const probing = probeLayers({ job, model, data, device })
  let progress = { done: 0, total: 0 }
  for (;;) {
    const next = await probing.next()
    if (next.done === true) return { ...next.value, progress }
    expect(next.value.done).toBeGreaterThan(progress.done)
    progress = next.value
  }
}

describe('probing layers', () => {
  it.each(['qzo-rows', 'qzo'] as const)('measures every layer (%s)', async (recipe) => {
    const { choice, progress } = await probed(recipe)
    expect(choice.groups.map((group) => group.firstLayer)).toEqual([0, 1, 2])
    for (const { noise } of choice.groups) expect(noise).toBeGreaterThan(0)
    expect(progress.done).toBe(progress.total)
    // What enters layers once, and two sides in three, two and one layers of three, along eight directions.
    expect(choice.forwardPasses).toBeCloseTo(8 * 5, 10)
  })

  it('computes what enters a layer from what entered the one below, with the same bits', async () => {
    const { model, data } = opened(3)
    const runner = new BlockRunner(device, model.model)
    const features = new RisingFeatures(model.model, runner)
    const examples = data.train.dataset.examples
    const rowsOf = (from: number) =>
      examples
        .slice(from, from + 4)
        .map((example) => ({ example, option: 0, tokens: textExample(example).tokens }))
    for (const [layer, from] of [
      [0, 0],
      [1, 0],
      [3, 0],
      [2, 0],
      [2, 8],
      [3, 8],
    ]) {
      // prettier-ignore
      features.riseTo(layer)
      const found = await features.hidden(rowsOf(from))
      const kept = { ...found, data: found.data.slice() }
      expect(kept).toEqual(await directFeatures(model.model, runner, layer).hidden(rowsOf(from)))
    }
    await runner.close()
  })

  it('decides a run of the command line, which records why and says so', async () => {
    const { files } = opened(3)
    const out = join(files.folder, 'run')
    const train = [
      'train',
      files.model,
      ...files.data,
      ...files.task,
      '--train-layers',
      'auto',
      '--steps',
      '4',
    ]
    const ended = await runCommand(...train, '--recipe', 'qzo-rows', '--out', out)
    expect(ended).toMatchObject({ status: 0, errors: '' })
    const { recipe, layerChoice } = readJob(runFolder(out))
    expect(ended.output).toContain(`note: probing chose the layers from ${recipe.firstLayer} up`)
    expect(layerChoice?.groups).toHaveLength(3)
    expect(recipe.endLayer).toBe(3)
    const again = await runCommand(...train, '--recipe', 'qzo-rows', '--out', join(files.folder, 'again'))
    expect(again.status).toBe(0)
    expect(readFileSync(join(files.folder, 'again', 'best.state'))).toEqual(
      readFileSync(join(out, 'best.state')),
    )
    for (const more of [
      ['--recipe', 'exact-rows'],
      ['--from', out],
    ]) {
      const refused = await runCommand(...train, ...more, '--out', join(files.folder, 'refused'))
      expect(refused.status).toBe(2)
      expect(refused.errors).toMatch(/layers/)
    }
  })
})
