import { describe, expect, it } from 'vitest'
import { MasterMatrix } from '../../../core/parameters/master-matrix.js'
import { MasterWeights } from '../../../core/parameters/master-weights.js'
import { dequantizeRow } from '../../../core/quantization/dequantize-row.js'
import type { QuantizedMatrix } from '../../../core/quantization/matrix.js'
import { caughtError } from '../../support/caught-error.js'
import { openParts } from '../../support/differentiated-parts.js'
import { openTiny } from '../../support/open-tiny.js'

const settings = { bits: 4, linears: ['attn_q', 'attn_v'], firstLayer: 0, endLayer: 2 } as const
const probe = { seed: 11, epsilon: 0.05 }

function valuesOf(matrix: QuantizedMatrix | null): Float32Array {
  if (matrix === null) return new Float32Array(0)
  const values = new Float32Array(matrix.rows * matrix.columns)
  for (let row = 0; row < matrix.rows; row++) dequantizeRow(matrix, row, values, row * matrix.columns)
  return values
}

describe.each(['Q4_0', 'Q4_1'] as const)('weights of a %s model, probed and then rounded', (type) => {
  it('begin as the file in 4 bits, and as exact gradients begin in 2', async () => {
    const { model } = openTiny({ type })
    const { loss } = openParts(model)
    const four = new MasterWeights(model, settings)
    expect(four.matrix(1, 'attn_v')).toEqual(model.blocks[1].linears.attn_v)
    expect(await loss(four)).toBe(await loss(null))
    const two = new MasterWeights(model, { ...settings, bits: 2 })
    const base = model.blocks[1].linears.attn_v as QuantizedMatrix
    const options = { kind: 'master-weights', bits: 2, trainsGrid: false, softRounding: null } as const
    expect(two.matrix(1, 'attn_v')).toEqual(new MasterMatrix('w', base, options).matrix)
  })

  it('give codes of either side at a probe, which leaves the state alone', async () => {
    const { model } = openTiny({ type })
    const { loss } = openParts(model)
    const parameters = new MasterWeights(model, settings)
    const before = parameters.save()
    const losses = await Promise.all(
      ([1, -1] as const).map((sign) =>
        loss({ ...stateOf(parameters), overrides: () => parameters.overrides(probe, sign) }),
      ),
    )
    const still = await loss(null)
    expect(losses[0]).not.toBe(losses[1])
    for (const one of losses) expect(one).not.toBe(still)
    expect(parameters.save()).toEqual(before)
    expect(await loss(parameters)).toBe(still)
  })

  it('move by whole codes only once they have gone far enough', () => {
    const { model } = openTiny({ type })
    const parameters = new MasterWeights(model, settings)
    const base = valuesOf(parameters.matrix(0, 'attn_q'))
    const scales = (model.blocks[0].linears.attn_q as QuantizedMatrix).scales.map(Math.abs)
    const smallest = Math.min(...scales)
    parameters.move(3, [0.4 * smallest])
    expect(valuesOf(parameters.matrix(0, 'attn_q'))).toEqual(base)
    parameters.move(3, [0.4 * smallest])
    const moved = valuesOf(parameters.matrix(0, 'attn_q'))
    expect(moved.some((value, i) => value !== base[i])).toBe(true)
    parameters.move(3, [-0.8 * smallest])
    expect(valuesOf(parameters.matrix(0, 'attn_q'))).toEqual(base)
  })

  it('give back a saved state', () => {
    const { model } = openTiny({ type })
    const parameters = new MasterWeights(model, settings)
    parameters.move(5, [0.02])
    const other = new MasterWeights(model, settings)
    other.load(parameters.save())
    expect(other.save()).toEqual(parameters.save())
    expect(other.matrix(0, 'attn_q')).toEqual(parameters.matrix(0, 'attn_q'))
  })
})

it('are refused for linears of other types', () => {
  const { model } = openTiny({ type: 'Q8_0' })
  expect(caughtError(() => new MasterWeights(model, settings)).code).toBe('model-untrainable')
})

/** Parameters as a state whose overrides a test may replace. */
function stateOf(parameters: MasterWeights) {
  const { count, numbers } = parameters
  return { count, numbers, save: () => parameters.save(), load: () => undefined }
}
