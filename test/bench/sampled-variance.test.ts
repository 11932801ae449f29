import { expect, it } from 'vitest'
import { measureVariance } from '../../bench/sampled-variance.js'
import type { Example } from '../../core/data/example.js'
import { BlockRunner } from '../../core/engine/block-runner.js'
import { directFeatures } from '../../core/engine/scorer.js'
import { VocabularyHead } from '../../core/engine/vocabulary-head.js'
import { openCpuDevice } from '../../core/runtime/ort-device.js'
import { openTiny } from '../support/open-tiny.js'

it('finds no variance in weight gradients from all tokens, and more of it the fewer there are', async () => {
  const { model } = openTiny()
  const device = openCpuDevice()
  const runner = new BlockRunner(device, model)
  const batchAt = (index: number): Example[] =>
    [0, 1].map((label) => ({
      ...{ kind: 'label', label, line: 1 },
      tokens: Int32Array.from({ length: 8 + label }, (_, i) => (7 * i + 3 * label + 11 * index) % 64),
    }))
  const result = await measureVariance(
    {
      ...{ model, runner, device, vocabularyHead: new VocabularyHead(device, model) },
      features: directFeatures(model, runner, 0),
      objective: { kind: 'labels', options: [5, 9].map((token) => ({ tokens: Int32Array.of(token) })) },
      batches: { at: batchAt },
      ...{ batchCount: 2, layers: [0], shares: [0.2, 0.5, 1] },
    } as unknown as Parameters<typeof measureVariance>[0],
    () => undefined,
  )
  await runner.close()
  const [few, half, all] = result.ofSampling.map(({ mean }) => mean)
  expect(all).toBeLessThan(1e-10)
  expect(half).toBeGreaterThan(1e-6)
  expect(few).toBeGreaterThan(half)
  expect(result.ofBatches.mean).toBeGreaterThan(0.01)
})
