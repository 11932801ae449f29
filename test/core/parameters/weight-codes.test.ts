import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadModel, type LoadedModel } from '../../../core/engine/loaded-model.js'
import { exportGguf } from '../../../core/export/gguf.js'
import { linearNames } from '../../../core/model/description.js'
import { codeSizes, WeightCodes } from '../../../core/parameters/weight-codes.js'
import type { QuantizedMatrix } from '../../../core/quantization/matrix.js'
import { caughtError } from '../../support/caught-error.js'
import { openParts } from '../../support/differentiated-parts.js'
import { openTiny } from '../../support/open-tiny.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

const layers = { firstLayer: 0, endLayer: 2 }
const options = {
  ...layers,
  linears: linearNames,
  rounding: { kind: 'stochastic' },
  perturbationScale: 0.1,
} as const
const probe = { seed: 11, epsilon: 0.1 }
const wide = { width: 256, heads: 16, feedForward: 256 }

const open = (type: 'Q4_0' | 'Q4_1' | 'Q4_K' | 'Q8_0'): LoadedModel =>
  openTiny({ type, ...(type === 'Q4_K' ? wide : {}) }).model

describe.each(['Q4_0', 'Q4_1', 'Q4_K', 'Q8_0'] as const)('codes of a %s model', (type) => {
  it('are probed on either side, which changes codes only and leaves the state alone', async () => {
    const model = open(type)
    const { loss } = openParts(model)
    const parameters = new WeightCodes(model, options)
    const before = parameters.save()
    expect(await loss(parameters)).toBe(await loss(null))
    const { count, numbers } = parameters
    const still = await loss(null)
    for (const side of [1, -1] as const) {
      const overrides = () => parameters.overrides(probe, side)
      const names = Object.keys(overrides()(1, null)?.tensors ?? {})
      expect(names).toEqual(linearNames.map((name) => `${name}.codes`))
      const state = { count, numbers, overrides, save: () => before, load: () => undefined }
      expect(await loss(state)).not.toBe(still)
    }
    const other = { ...probe, layers: new Set([0]) }
    const untouched = parameters.overrides(other)(1, null)?.tensors['ffn_up.codes'].data
    expect(untouched).toBe(parameters.numbers.get('blk.1.ffn_up.codes'))
    expect(parameters.save()).toEqual(before)
  })

  it('are exported with the scales of the file, bit for bit, and the loss of training', async () => {
    const model = open(type)
    const parameters = new WeightCodes(model, { ...options, linears: ['attn_q', 'ffn_down'] })
    parameters.move(5, [20_000])
    const target = join(temporaryFolder(), 'trained.gguf')
    const report = exportGguf({ basePath: model.path, target, changes: parameters })
    expect(report.trainedTensorCount).toBe(4)
    const exported = loadModel(target)
    for (const name of linearNames) {
      const base = model.blocks[1].linears[name] as QuantizedMatrix
      const codes = parameters.matrix(1, name)?.codes ?? base.codes
      expect(exported.blocks[1].linears[name]).toEqual({ ...base, codes })
    }
    expect(await openParts(exported).loss(null)).toBe(await openParts(model).loss(parameters))
  })

  it('give back a saved state, of which nothing is left to feed back', () => {
    const model = open(type)
    const withFeedback = { ...options, rounding: { kind: 'error-feedback', decay: 1 } } as const
    const [first, second] = [1, 2].map(() => new WeightCodes(model, withFeedback))
    first.move(5, [100])
    second.load(first.save())
    first.load(first.save())
    for (const parameters of [first, second]) parameters.move(6, [90])
    expect(second.save()).toEqual(first.save())
    expect(second.count).toBe(
      codeSizes(model, layers, linearNames).reduce((sum, each) => sum + each.weights, 0),
    )
  })
})

it('are trained where a type holds any code, and refused where none of the linears does', () => {
  const model = openTiny({ type: 'Q6_K', ...wide }).model
  expect(codeSizes(model, layers, linearNames)).toEqual([])
  expect(caughtError(() => new WeightCodes(model, options)).code).toBe('model-untrainable')
})
