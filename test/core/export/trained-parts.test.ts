import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openDecoder } from '../../../core/engine/decoder.js'
import { embed } from '../../../core/engine/embed.js'
import { BlockRunner } from '../../../core/engine/block-runner.js'
import { loadModel, type LoadedModel } from '../../../core/engine/loaded-model.js'
import { VocabularyHead } from '../../../core/engine/vocabulary-head.js'
import { exportGguf } from '../../../core/export/gguf.js'
import { exportOnnx } from '../../../core/export/onnx/export-onnx.js'
import { createPart } from '../../../core/parameters/create-part.js'
import { PartSet } from '../../../core/parameters/part-set.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import type { TrainedPartSettings } from '../../../core/schema/trained-part.js'
import { moveRandomly, openParts as openLoss } from '../../support/differentiated-parts.js'
import { openTiny } from '../../support/open-tiny.js'
import { temporaryFolder } from '../../support/temporary-folder.js'
import type { TinyModel } from '../../support/tiny-gguf.js'
import type { ReadableType } from '../../../core/formats/gguf/tensor-types.js'

const lowRank: TrainedPartSettings = {
  kind: 'low-rank',
  rank: 2,
  alpha: 2,
  isRankStabilized: false,
  linears: ['attn_q', 'ffn_down'],
  seed: 4,
}
const masterWeights: TrainedPartSettings = {
  kind: 'master-weights',
  bits: 4,
  linears: ['attn_q', 'attn_v'],
  trainsGrid: true,
  softRounding: null,
}

/** Everything that a file can hold but for rounding. */
const held: Readonly<Record<string, readonly TrainedPartSettings[]>> = {
  'row and column factors': [{ kind: 'factors', hasColumns: true }],
  'block scales and zero points': [{ kind: 'scales' }, { kind: 'zero-points' }],
  'norms and biases': [{ kind: 'norms' }, { kind: 'biases' }],
  'master weights of 4 bits': [masterWeights],
  'master weights of 2 bits with row factors': [
    { ...masterWeights, bits: 2 },
    { kind: 'factors', hasColumns: false },
  ],
}

const settings = { biases: ['attn_v'] } as const

function trained(model: LoadedModel, parts: readonly TrainedPartSettings[], distance = 0.2): PartSet {
  const layers = { firstLayer: 0, endLayer: 2 }
  const parameters = new PartSet(parts.map((part) => createPart(part, model, layers)))
  moveRandomly(parameters, distance)
  return parameters
}

function exportOf(model: LoadedModel, parameters: PartSet): LoadedModel {
  const target = join(temporaryFolder(), 'trained.gguf')
  exportGguf({ basePath: model.path, target, changes: parameters })
  return loadModel(target)
}

describe.each(Object.entries(held))('%s', (_, parts) => {
  it('have the loss of training in the exported GGUF file', async () => {
    const { model } = openTiny(settings)
    const parameters = trained(model, parts)
    const expected = await openLoss(model).loss(parameters)
    const found = await openLoss(exportOf(model, parameters)).loss(null)
    expect(Math.abs(found - expected)).toBeLessThan(2e-3)
    expect(Math.abs(found - (await openLoss(model).loss(null)))).toBeGreaterThan(5e-3)
  })

  it('are exported to ONNX, which is compared with the engine', async () => {
    const parts_ = openTiny(settings)
    const request = {
      folder: join(temporaryFolder(), 'onnx'),
      trained: trained(parts_.model, parts),
      device: openCpuDevice({ threads: 1 }),
    }
    const { logitDifference } = await exportOnnx({ ...parts_, ...request })
    expect(logitDifference).toBeLessThan(1e-4)
  })
})

describe('low-rank branches', () => {
  it('are exported to ONNX as they are', async () => {
    const parts = openTiny(settings)
    const request = {
      folder: join(temporaryFolder(), 'onnx'),
      trained: trained(parts.model, [lowRank, { kind: 'norms' }]),
      device: openCpuDevice({ threads: 1 }),
    }
    const { logitDifference } = await exportOnnx({ ...parts, ...request })
    expect(logitDifference).toBeLessThan(1e-4)
  })

  it('stand beside their linears when text is generated', async () => {
    const { model } = openTiny(settings)
    const parameters = trained(model, [lowRank])
    const device = openCpuDevice({ threads: 1 })
    const runner = new BlockRunner(device, model)
    const head = new VocabularyHead(device, model)
    const decoder = await openDecoder(device, model, parameters)
    onTestFinished(async () => {
      await runner.close()
      await head.close()
      await decoder.close()
    })
    const tokens = [3, 14, 15, 9, 2]
    const hidden = embed(model, [Int32Array.from(tokens)])
    const overrides = parameters.overrides()
    const { data } = await runner.run(hidden, 0, 2, (layer) => overrides(layer, null))
    const expected = await head.logits(
      data.subarray(4 * model.description.width, 5 * model.description.width),
    )
    const found = await decoder.next(tokens)
    expect(Math.max(...found.map((logit, i) => Math.abs(logit - expected[i])))).toBeLessThan(1e-4)
  })

  it.each<[ReadableType, number, Partial<TinyModel>?]>([
    ['Q6_K', 0.05, { width: 256, heads: 16, feedForward: 256 }],
    ['Q4_K', 0.15, { width: 256, heads: 16, feedForward: 256 }],
    ['Q5_1', 0.1],
    ['F32', 1e-5],
    ['F16', 3e-3],
    ['Q8_0', 0.02],
    ['Q4_1', 0.15],
    ['Q4_0', 0.15],
  ])('are merged into a file of type %s as well as it can hold them', async (type, tolerance, sizes = {}) => {
    const { model } = openTiny({ type, ...sizes })
    const parameters = trained(model, [lowRank], 0.3)
    const expected = await openLoss(model).loss(parameters)
    const merged = await openLoss(exportOf(model, parameters)).loss(null)
    expect(Math.abs(merged - expected)).toBeLessThan(tolerance)
  })
})

it('counts only tensors that training changed', () => {
  const { model } = openTiny(settings)
  const parameters = trained(model, [lowRank, { kind: 'norms' }, { kind: 'scales' }], 0)
  const target = join(temporaryFolder(), 'same.gguf')
  const report = exportGguf({ basePath: model.path, target, changes: parameters })
  expect(report.trainedTensorCount).toBe(0)
})
