import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { digitRows } from '../../../bench/shapes/digit-rows.js'
import { writeShape } from '../../../bench/shapes/write-shape.js'
import { openModel } from '../../../core/engine/open-model.js'
import { planRun, type RunChoices } from '../../../core/training/plan-run.js'
import { openRunData } from '../../../core/training/open-data.js'
import { planWays } from '../../../core/training/plan-ways.js'
import { mostStreamedLayers, streamedBytesPerStep } from '../../../core/training/streamed-layers.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

/** The plan of a shape whose layers weigh more than reading one of them takes. */
function planning() {
  const folder = temporaryFolder()
  const [path, rows] = [join(folder, 'tiny.gguf'), join(folder, 'rows.tsv')]
  writeShape({ name: 'tiny', type: 'Q4_0', seed: 1, path })
  writeFileSync(rows, digitRows({ count: 12, tokens: 64, seed: 1 }))
  const model = openModel(path, new Date(0))
  onTestFinished(() => model.model.close())
  const task = { version: 1, kind: 'labels', prompt: '{text}:', labelColumn: 'kind' } as const
  const data = openRunData(
    { path: rows, devPath: null, task, seed: 1, limit: null, skipBadRows: false },
    model,
  )
  const choices = (more: Partial<RunChoices>): RunChoices => ({
    date: new Date(0),
    recipe: 'exact-rows',
    batchSize: 4,
    seed: 1,
    featureLimitBytes: 2e9,
    budgetBytes: 24e9,
    ...more,
  })
  return {
    model,
    plan: (more: Partial<RunChoices> = {}) => planRun(choices(more), model, data),
    ways: (more: Partial<RunChoices> = {}) => planWays(choices(more), model, data),
  }
}

describe('a plan for less memory than all layers take', () => {
  it('reads as few layers from the file as will do, and holds what the others weigh less', () => {
    const { model, plan, ways } = planning()
    const shortest = ways({ budgetBytes: 1 }).find(({ kind }) => kind === 'shorter-runs')
    const budgetBytes = (shortest?.memory.totalBytes ?? 0) - 1
    const { job, memory } = plan({ budgetBytes })
    expect(memory.totalBytes).toBeLessThanOrEqual(budgetBytes)
    expect(job.streamedLayers).toBeGreaterThan(0)
    const weights = memory.items.find(({ name }) => name === 'weights')?.bytes
    const kept = model.model.blocks.slice(job.streamedLayers)
    expect(weights).toBe(kept.reduce((sum, { stored }) => sum + stored.byteLength, 0))
    const { byteLength, fileBytes } = model.model.blocks[0].stored
    const streamed = memory.items.find(({ name }) => name === 'streamed-layer')?.bytes
    expect(streamed).toBe(byteLength + fileBytes)
    expect(model.model.blocks.every(({ stored }) => !stored.isKept())).toBe(true)
  })

  it('lists the ways in order of what they cost, each with its own bytes', () => {
    const { ways } = planning()
    const found = ways({ recipe: 'auto' })
    expect(found.map(({ kind }) => kind)).toEqual([
      'as-asked',
      'shorter-runs',
      'streamed-layers',
      'fewer-layers',
      'forward-only',
    ])
    expect(found.every(({ fits }) => fits)).toBe(true)
    const [asAsked, shorter, streamed] = ways({ recipe: 'auto', budgetBytes: 1 })
    expect(shorter.memory.totalBytes).toBeLessThan(asAsked.memory.totalBytes)
    expect(streamed.memory.totalBytes).toBeLessThan(shorter.memory.totalBytes)
    expect([asAsked, shorter, streamed].some(({ fits }) => fits)).toBe(false)
    expect(asAsked.readBytesPerStep).toBe(0)
    expect(streamed.readBytesPerStep).toBeGreaterThan(0)
  })

  it('counts what a step reads: forward for every run, and back where gradients go', () => {
    const { model, plan } = planning()
    const { job } = plan()
    const { fileBytes } = model.model.blocks[0].stored
    // 4 rows of 64 tokens in runs of 128: two runs, each of 3 layers forward and back.
    const streamed = { ...job, tokensPerRun: 128, streamedLayers: 3 }
    expect(streamedBytesPerStep(streamed, model.model, 64)).toBe(2 * 2 * 3 * fileBytes)
    expect(streamedBytesPerStep(job, model.model, 64)).toBe(0)
  })

  it('keeps layers in memory where their own scales are trained', () => {
    const { plan } = planning()
    expect(mostStreamedLayers(plan({ recipe: 'exact-lora' }).job.recipe, 4)).toBe(4)
    expect(mostStreamedLayers(plan({ recipe: 'qzo-rows' }).job.recipe, 4)).toBe(4)
    expect(mostStreamedLayers(plan({ recipe: 'qzo', layers: [3, 3] }).job.recipe, 4)).toBe(3)
    expect(mostStreamedLayers(plan({ recipe: 'exact-scales' }).job.recipe, 4)).toBe(0)
  })
})
