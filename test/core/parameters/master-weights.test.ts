import { describe, expect, it } from 'vitest'
import type { LoadedModel } from '../../../core/engine/loaded-model.js'
import { byLinear } from '../../../core/engine/stored-block.js'
import { linearNames } from '../../../core/model/description.js'
import { createPart } from '../../../core/parameters/create-part.js'
import { PartSet } from '../../../core/parameters/part-set.js'
import { dequantizeRow } from '../../../core/quantization/dequantize-row.js'
import type { Matrix } from '../../../core/quantization/matrix.js'
import type { MasterWeightSettings } from '../../../core/schema/trained-part.js'
import { moveRandomly, openParts } from '../../support/differentiated-parts.js'
import { openTiny } from '../../support/open-tiny.js'

const settings: MasterWeightSettings = {
  kind: 'master-weights',
  bits: 4,
  linears: ['attn_q', 'attn_v'],
  trainsGrid: false,
  softRounding: null,
}

function create(model: LoadedModel, change: Partial<MasterWeightSettings> = {}): PartSet {
  return new PartSet([createPart({ ...settings, ...change }, model, { firstLayer: 1, endLayer: 2 })])
}

function valuesOf(matrix: Matrix): Float32Array {
  const values = new Float32Array(matrix.rows * matrix.columns)
  for (let row = 0; row < matrix.rows; row++) dequantizeRow(matrix, row, values, row * matrix.columns)
  return values
}

/** The model with the matrices that training left. */
function replaced(model: LoadedModel, parameters: PartSet): LoadedModel {
  const blocks = model.blocks.map((block, layer) => ({
    ...block,
    linears: byLinear(linearNames, (name) => parameters.matrix(layer, name) ?? block.linears[name]),
  }))
  return { ...model, blocks }
}

describe.each(['Q4_0', 'Q4_1'] as const)('master weights of a %s model', (type) => {
  it.each([false, true])('of 4 bits begin as the file (trained grid: %s)', async (trainsGrid) => {
    const { model } = openTiny({ type })
    const parameters = create(model, { trainsGrid })
    expect(parameters.matrix(1, 'attn_q')).toEqual(model.blocks[1].linears.attn_q)
    expect(parameters.matrix(1, 'attn_k')).toBeNull()
    expect(parameters.matrix(0, 'attn_q')).toBeNull()
    const subject = openParts(model)
    expect(await subject.loss(parameters)).toBe(await subject.loss(null))
  })

  it('of 2 bits have four values a block, near those of the file', () => {
    const { model } = openTiny({ type })
    const found = create(model, { bits: 2 }).matrix(1, 'attn_q')
    const values = found === null ? new Float32Array(0) : valuesOf(found)
    const expected = valuesOf(model.blocks[1].linears.attn_q)
    let [error, power] = [0, 0]
    for (let block = 0; block < values.length; block += 32) {
      expect(new Set(values.subarray(block, block + 32)).size).toBeLessThanOrEqual(4)
    }
    values.forEach((value, i) => {
      error += (value - expected[i]) ** 2
      power += expected[i] ** 2
    })
    // Four even levels leave 1/16 of a uniform distribution's variance.
    expect(error / power).toBeLessThan(0.075)
  })

  it.each([4, 2] as const)('of %i bits run and are exported as the same numbers', async (bits) => {
    const { model } = openTiny({ type })
    const parameters = create(model, { bits, trainsGrid: true })
    moveRandomly(parameters, 0.3)
    const moved = await openParts(model).loss(parameters)
    expect(await openParts(replaced(model, parameters)).loss(null)).toBe(moved)
    expect(moved).not.toBeCloseTo(await openParts(model).loss(null), 3)
  })

  it.each([false, true])('give back a saved state to the bit (trained grid: %s)', (trainsGrid) => {
    const { model } = openTiny({ type })
    const parameters = create(model, { trainsGrid })
    moveRandomly(parameters, 2)
    const other = create(model, { trainsGrid })
    other.load(parameters.save())
    expect(other.save()).toEqual(parameters.save())
    expect(other.matrix(1, 'attn_v')).toEqual(parameters.matrix(1, 'attn_v'))
  })

  it('pass the slope of the loss in the rounded weights straight through', async () => {
    const { model } = openTiny({ type })
    const subject = openParts(model)
    const parameters = create(model)
    await subject.differentiate(parameters)
    const [{ gradient, values }] = parameters.tensors
    const inside = [...gradient.keys()].filter((i) => values[i] > 1 && values[i] < 14)
    const steepest = inside.reduce((best, i) => (Math.abs(gradient[i]) > Math.abs(gradient[best]) ? i : best))
    const middle = values[steepest]
    const at = async (offset: number): Promise<number> => {
      values[steepest] = middle + offset
      parameters.refresh()
      return subject.loss(parameters)
    }
    // Whole codes, so that rounding takes nothing away.
    const slope = ((await at(1)) - (await at(-1))) / 2
    expect(Math.abs(slope / gradient[steepest] - 1)).toBeLessThan(0.02)
  })
})

describe('master weights', () => {
  it('with a trained grid have the gradient of its scale, weights held in place', async () => {
    const { model } = openTiny()
    const subject = openParts(model)
    const parameters = create(model, { trainsGrid: true })
    await subject.differentiate(parameters)
    const names = parameters.tensors.map(({ name }) => name)
    expect(names.slice(0, 3)).toEqual(
      ['weights', 'scales', 'zeroPoints'].map((part) => `blk.1.attn_q.${part}`),
    )
    // Where weights lie on the grid, straight through leaves only those at its ends to pull at a scale.
    expect(parameters.tensors[1].gradient.some((value) => value !== 0)).toBe(true)
  })

  it('keep weights on a fixed grid, where a gradient can still move them', async () => {
    const { model } = openTiny()
    const subject = openParts(model)
    const parameters = create(model)
    const [{ values, gradient }] = parameters.tensors
    values.fill(99)
    parameters.refresh()
    expect(Math.max(...values)).toBeLessThan(15)
    await subject.differentiate(parameters)
    expect(gradient.every((value) => value !== 0)).toBe(true)
  })

  it('weigh gradients by how near a weight is to its next code, where rounding is soft', async () => {
    const { model } = openTiny()
    const subject = openParts(model)
    const [straight, soft] = [create(model), create(model, { softRounding: 4 })]
    for (const parameters of [straight, soft]) {
      moveRandomly(parameters, 0.4)
      await subject.differentiate(parameters)
    }
    const [{ values, gradient }] = straight.tensors
    const ratios = soft.tensors[0].gradient.map((value, i) => value / gradient[i])
    const flat = ratios.filter((_, i) => Math.abs(values[i] - Math.round(values[i])) < 0.05)
    const steep = ratios.filter((_, i) => Math.abs(values[i] - Math.round(values[i])) > 0.35)
    expect(Math.max(...flat)).toBeLessThan(Math.min(...steep))
  })

  it('need linears of a 4-bit type', () => {
    expect(() => create(openTiny({ type: 'Q8_0' }).model)).toThrow(/4-bit/)
    expect(() => create(openTiny({ type: 'F16' }).model)).toThrow(/quantized/)
  })
})
