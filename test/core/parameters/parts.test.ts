import { describe, expect, it } from 'vitest'
import { createPart } from '../../../core/parameters/create-part.js'
import type { TrainedTensor } from '../../../core/parameters/differentiated-parameters.js'
import { stateViews } from '../../../core/parameters/trained-parameters.js'
import { PartSet } from '../../../core/parameters/part-set.js'
import type { LoadedModel } from '../../../core/engine/loaded-model.js'
import { openScorer } from '../../../core/engine/open-scorer.js'
import { exportGgufLora } from '../../../core/export/gguf-lora.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import { linearNames } from '../../../core/model/description.js'
import type { TrainedPartSettings } from '../../../core/schema/trained-part.js'
import { caughtError } from '../../support/caught-error.js'
import { moveRandomly, openParts, tinyBatch, tinyLabels } from '../../support/differentiated-parts.js'
import { openTiny } from '../../support/open-tiny.js'

const lowRank: TrainedPartSettings = {
  kind: 'low-rank',
  rank: 4,
  alpha: 6,
  isRankStabilized: true,
  linears: ['attn_q', 'attn_output', 'ffn_down'],
  seed: 9,
}

/** Parts whose loss is smooth in their values. */
const smooth: Readonly<Record<string, readonly TrainedPartSettings[]>> = {
  'row factors': [{ kind: 'factors', hasColumns: false }],
  'row and column factors': [{ kind: 'factors', hasColumns: true }],
  'block scales': [{ kind: 'scales' }],
  'zero points': [{ kind: 'zero-points' }],
  norms: [{ kind: 'norms' }],
  biases: [{ kind: 'biases' }],
  'low-rank branches': [lowRank],
  'a soft prompt': [{ kind: 'soft-prompt', tokens: [9, 30] }],
  'everything together': [
    { kind: 'factors', hasColumns: true },
    { kind: 'scales' },
    { kind: 'zero-points' },
    { kind: 'norms' },
    { kind: 'biases' },
    lowRank,
    { kind: 'soft-prompt', tokens: [9, 30, 2] },
  ],
}

const openModel = () => openTiny({ biases: ['attn_q', 'ffn_up'] }).model

function create(
  model: LoadedModel,
  parts: readonly TrainedPartSettings[],
  [firstLayer, endLayer]: readonly [number, number] = [1, 2],
): PartSet {
  return new PartSet(parts.map((part) => createPart(part, model, { firstLayer, endLayer })))
}

describe.each(Object.entries(smooth))('%s', (_, parts) => {
  it.skipIf(parts.some(({ kind }) => kind === 'soft-prompt'))('begin as the model is', async () => {
    const model = openModel()
    const subject = openParts(model)
    expect(await subject.loss(create(model, parts))).toBeCloseTo(await subject.loss(null), 6)
  })

  it('have gradients that are the slopes of the loss', async () => {
    const model = openModel()
    const subject = openParts(model)
    const parameters = create(model, parts)
    moveRandomly(parameters, 0.1)
    await subject.differentiate(parameters)
    for (const tensor of parameters.tensors) {
      const steepest = steepestElement(tensor)
      const expected = await slopeAt(tensor, steepest, () => {
        parameters.refresh()
        return subject.loss(parameters)
      })
      const error = Math.abs(expected - tensor.gradient[steepest])
      expect(error, tensor.name).toBeLessThan(3e-3 * Math.abs(expected) + 2e-5)
    }
  })

  it('give back a saved state, and with it the same loss to the bit', async () => {
    const model = openModel()
    const subject = openParts(model)
    const parameters = create(model, parts)
    moveRandomly(parameters, 0.1)
    const other = create(model, parts)
    other.load(parameters.save())
    expect(other.save()).toEqual(parameters.save())
    expect(Uint8Array.from(Buffer.concat(stateViews(other)))).toEqual(parameters.save())
    expect(await subject.loss(other)).toBe(await subject.loss(parameters))
  })
})

describe('low-rank branches', () => {
  it('begin with a random A that the seed decides, and a B of zeros', () => {
    const model = openModel()
    const [down, up] = create(model, [lowRank]).tensors
    expect(down.name).toBe('blk.1.attn_q.loraA')
    expect(down.shape).toEqual([4, 64])
    expect(up.shape).toEqual([64, 4])
    expect(up.values.every((value) => value === 0)).toBe(true)
    const deviation = Math.sqrt(
      down.values.reduce((sum, value) => sum + value * value, 0) / down.values.length,
    )
    expect(Math.abs(deviation * Math.sqrt(3 * 64) - 1)).toBeLessThan(0.15)
    expect(create(model, [lowRank]).tensors[0].values).toEqual(down.values)
    expect(create(model, [{ ...lowRank, seed: 10 }]).tensors[0].values).not.toEqual(down.values)
  })

  it.each([
    [false, 6 / 4],
    [true, 3],
  ])('are scaled by alpha / rank, or stabilised (%s) by alpha / √rank', (isRankStabilized, scale) => {
    const parameters = create(openModel(), [{ ...lowRank, isRankStabilized }])
    expect(parameters.branch(1, 'attn_q')?.scale).toBe(scale)
    expect(parameters.branch(1, 'attn_k')).toBeNull()
    expect(parameters.branch(0, 'attn_q')).toBeNull()
  })
})

describe('a soft prompt', () => {
  const tokens = [9, 30, 2]

  it('begins as these tokens before every row, in runs of several rows', async () => {
    const model = openModel()
    const { scorer, close } = openScorer(openCpuDevice({ threads: 1 }), model, tinyLabels)
    const prompted = create(model, [{ kind: 'soft-prompt', tokens }])
    const found = await scorer.score(tinyBatch, prompted.overrides())
    const longer = tinyBatch.map((row) => ({ ...row, tokens: Int32Array.from([...tokens, ...row.tokens]) }))
    const expected = await scorer.score(longer, () => null)
    await close()
    found.forEach(({ loss }, row) => expect(loss).toBeCloseTo(expected[row].loss, 5))
  })

  it('is trained without any gradient of a layer, and no file of a model can hold it', () => {
    const model = openModel()
    const prompted = create(model, [{ kind: 'soft-prompt', tokens }], [0, 2])
    expect([0, 1].map((layer) => prompted.wanted(layer))).toEqual([['prompt'], []])
    const refused = caughtError(() =>
      exportGgufLora({ model: model.description, changes: prompted, target: 'nowhere.gguf' }),
    )
    expect(refused).toMatchObject({ code: 'request-invalid' })
    expect(refused.message).toContain("export as 'adapter'")
  })
})

describe('what a model does not have', () => {
  it('is refused: zero points where the type keeps none, naming one that does', () => {
    const { model } = openTiny({ type: 'Q4_0' })
    expect(() => create(model, [{ kind: 'zero-points' }], [0, 2])).toThrow(/Q4_1/)
  })

  it('is refused: biases alone', () => {
    expect(() => create(openTiny().model, [{ kind: 'biases' }], [0, 2])).toThrow(/nothing/)
  })

  it('is left out beside something else', () => {
    const parameters = create(openTiny().model, [{ kind: 'norms' }, { kind: 'biases' }], [0, 2])
    expect(parameters.tensors).toHaveLength(4)
  })
})

it('factors of several parts multiply on their way into the file', () => {
  const model = openModel()
  const parts: TrainedPartSettings[] = [{ kind: 'factors', hasColumns: false }, { kind: 'scales' }]
  const both = create(model, parts)
  moveRandomly(both, 0.1)
  const rows = both.tensors.find(({ name }) => name === 'blk.1.ffn_up.rows')
  const blocks = both.tensors.find(({ name }) => name === 'blk.1.ffn_up.scales')
  const factors = both.scaleFactors(1, 'ffn_up')
  expect(factors?.shape).toBe('blocks')
  expect(factors?.values[5]).toBeCloseTo(Math.exp((rows?.values[2] ?? 0) + (blocks?.values[5] ?? 0)), 6)
  expect(linearNames.map((name) => both.scaleFactors(0, name))).toEqual(linearNames.map(() => null))
})

function steepestElement({ gradient }: TrainedTensor): number {
  return gradient.reduce((best, value, i) => (Math.abs(value) > Math.abs(gradient[best]) ? i : best), 0)
}

/** The derivative by five points. */
async function slopeAt(
  { values }: TrainedTensor,
  element: number,
  loss: () => Promise<number>,
): Promise<number> {
  const distance = 0.04
  const middle = values[element]
  const at = async (offset: number): Promise<number> => {
    values[element] = middle + offset
    const found = await loss()
    values[element] = middle
    return found
  }
  const near = (await at(distance)) - (await at(-distance))
  const far = (await at(2 * distance)) - (await at(-2 * distance))
  return (8 * near - far) / (12 * distance)
}
