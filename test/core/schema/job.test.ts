import { describe, expect, it } from 'vitest'
import { jobVersion, trainJob } from '../../../core/schema/job.js'

const update = {
  kind: 'projected',
  learningRate: 1e-7,
  clipGradient: 100,
}
const recipe = {
  name: 'qzo-paper',
  parameters: 'raw-scales',
  perturbationScale: 1e-3,
  update,
  firstLayer: 0,
  endLayer: 2,
}
const job = {
  version: 1,
  date: '2026-01-01T00:00:00.000Z',
  model: { path: 'model.gguf', sha256: 'aa', byteLength: 1 },
  data: { path: 'rows.tsv', sha256: 'bb', dev: null, devLines: [], limit: null, skipBadRows: false },
  task: { version: 1, kind: 'text', text: '{text}' },
  recipe,
  steps: 1,
  batchSize: 1,
  seed: 1,
  evaluateEvery: 1,
  patience: null,
  tokensPerRun: 512,
  features: 'direct',
}

describe('a job', () => {
  it('of version 1 is read as one that follows probes', () => {
    const read = trainJob.parse(job)
    expect(read.version).toBe(jobVersion)
    const schedule = { kind: 'constant', warmUpShare: 0 }
    const added = {
      probing: { kind: 'two-point', queries: 1 },
      directions: { kind: 'independent' },
      layerShare: 1,
      moments: null,
      spectral: null,
      magnitudes: null,
    }
    expect(read.recipe).toEqual({ estimator: 'probes', ...recipe, ...added, update: { ...update, schedule } })
    expect(read.threads).toBeNull()
    expect(trainJob.parse(read)).toEqual(read)
  })

  it('of before probes had schedules falls as it did', () => {
    const normalized = {
      clipDifference: null,
      clipRatio: 3,
      smoothing: 0.95,
      kind: 'normalized',
      learningRate: 0.01,
    }
    const old = { ...job, recipe: { ...recipe, name: 'qzo', update: { ...normalized, finalShare: 0.1 } } }
    const schedule = { kind: 'linear', warmUpShare: 0, finalShare: 0.1 }
    expect(trainJob.parse(old).recipe.update).toEqual({ ...normalized, schedule })
  })

  it('of the current version must say what its steps follow', () => {
    expect(trainJob.safeParse({ ...job, version: jobVersion }).success).toBe(false)
  })
})
