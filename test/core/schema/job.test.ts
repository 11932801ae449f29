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
    expect(read.recipe).toEqual({ estimator: 'probes', ...recipe })
    expect(read.threads).toBeNull()
    expect(trainJob.parse(read)).toEqual(read)
  })

  it('of the current version must say what its steps follow', () => {
    expect(trainJob.safeParse({ ...job, version: jobVersion }).success).toBe(false)
  })
})
