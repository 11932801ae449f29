import { describe, expect, it } from 'vitest'
import type { LabelExample, Objective } from '../../../core/data/example.js'
import type { LoadedModel } from '../../../core/engine/loaded-model.js'
import { byLinear } from '../../../core/engine/stored-block.js'
import { openScorer } from '../../../core/engine/open-scorer.js'
import { linearNames } from '../../../core/model/description.js'
import { BlockScales } from '../../../core/parameters/block-scales.js'
import { RawScales } from '../../../core/parameters/raw-scales.js'
import { RowFactors } from '../../../core/parameters/row-factors.js'
import { stateViews, type TrainedParameters } from '../../../core/parameters/trained-parameters.js'
import { usualDirections } from '../../../core/schema/probe-directions.js'
import { scaleMatrix } from '../../../core/quantization/scale-matrix.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import { openTiny } from '../../support/open-tiny.js'

const device = openCpuDevice({ threads: 1 })
const openModel = () => openTiny({ type: 'Q4_1', layers: 3 }).model
const objective: Objective = {
  kind: 'labels',
  options: [5, 6].map((id) => ({ name: String(id), text: String(id), tokens: [id] })),
}
const examples = [
  [1, 2, 3],
  [4, 5, 6, 7],
  [8, 9],
].map((tokens, index): LabelExample => ({
  kind: 'label',
  tokens: Int32Array.from(tokens),
  label: index % 2,
  line: index,
}))
// Float32 kernels against each other: a few units in the last place through three blocks.
const tolerance = 4

const kinds: readonly [string, (model: LoadedModel) => TrainedParameters][] = [
  [
    'row factors',
    (model) => new RowFactors(model.description, { firstLayer: 1, endLayer: 3, hasColumns: false }),
  ],
  [
    'row and column factors',
    (model) => new RowFactors(model.description, { firstLayer: 1, endLayer: 3, hasColumns: true }),
  ],
  ['block scales', (model) => new BlockScales(model, 1, 3, usualDirections.independent)],
  ['block scales from a pool', (model) => new BlockScales(model, 1, 3, { kind: 'pool', size: 64 })],
  [
    'block scales along low ranks',
    (model) => new BlockScales(model, 1, 3, { kind: 'low-rank', rank: 2, interval: 1 }),
  ],
  ['raw scales', (model) => new RawScales(model, 1, 3)],
]

describe.each(kinds)('%s', (name, create) => {
  const lanes = name.includes('factors') ? 3 : 1
  const unit = name === 'raw scales' ? 1e-4 : 20_000
  const moves = (...signs: number[]) => signs.slice(0, lanes).map((sign) => sign * unit)

  it('changes the losses as the same factors folded into the scales do', async () => {
    const model = openModel()
    const parameters = create(model)
    parameters.move(7, moves(3, -2, 1))
    const moved = await losses(model, parameters)
    const folded = await losses(withFactors(model, parameters), null)
    moved.forEach((loss, index) => expect(loss).toBeCloseTo(folded[index], tolerance))
    const still = await losses(model, create(model))
    expect(Math.abs(moved[0] - still[0])).toBeGreaterThan(1e-3)
  })

  it('is untouched by probes', async () => {
    const model = openModel()
    const parameters = create(model)
    parameters.move(3, moves(1, 1, 1))
    const before = parameters.save()
    const { scorer, close } = openScorer(device, model, objective)
    await scorer.score(examples, parameters.overrides({ seed: 5, epsilon: 0.03 }, -1))
    await close()
    expect(parameters.save()).toEqual(before)
  })

  it('gives back a saved state, and moves back to where it was', () => {
    const model = openModel()
    const parameters = create(model)
    const initial = parameters.save()
    parameters.move(11, moves(2, -1, 4))
    const saved = parameters.save()
    expect(saved).not.toEqual(initial)
    const other = create(model)
    other.load(saved)
    expect(other.save()).toEqual(saved)
    expect(Uint8Array.from(Buffer.concat(stateViews(other)))).toEqual(saved)
    if (name === 'raw scales') return
    parameters.move(11, moves(-2, 1, -4))
    expect(parameters.save()).toEqual(initial)
  })
})

describe.each(kinds)('%s of some layers', (name, create) => {
  const unit = name === 'raw scales' ? 1e-4 : 20_000

  it('move and are probed there only', async () => {
    const model = openModel()
    const [some, all] = [create(model), create(model)]
    some.move(7, [unit], { layers: new Set([2]) })
    all.move(7, [unit])
    expect(some.scaleFactors(1, 'attn_q')).toEqual(create(model).scaleFactors(1, 'attn_q'))
    expect(some.scaleFactors(2, 'attn_q')).toEqual(all.scaleFactors(2, 'attn_q'))
    const { scorer, close } = openScorer(device, model, objective)
    const probe = { seed: 5, epsilon: 0.03 }
    const lossOf = async (layers: ReadonlySet<number> | null): Promise<number> => {
      const [[{ loss }]] = await scorer.scoreBothWays(examples, all.overrides({ ...probe, layers }))
      return loss
    }
    const [[still]] = await scorer.scoreEach(examples, [all.overrides(null)])
    expect(await lossOf(new Set())).toBeCloseTo(still.loss, tolerance)
    expect(await lossOf(new Set([1, 2]))).toBe(await lossOf(null))
    expect(Math.abs((await lossOf(new Set([2]))) - (await lossOf(null)))).toBeGreaterThan(1e-5)
    await close()
  })
})

describe.each(kinds.filter(([name]) => !name.includes('factors')))(
  '%s along several directions',
  (_, create) => {
    it('go where each of them leads', async () => {
      const model = openModel()
      const parameters = create(model)
      const { scorer, close } = openScorer(device, model, objective)
      const unit = parameters instanceof RawScales ? 1e-5 : Math.round(1e-3 * 2 ** 20)
      const epsilon = parameters instanceof RawScales ? unit : unit / 2 ** 20
      for (const lane of [0, 1, 2]) {
        const [[probed]] = await scorer.scoreEach(examples, [
          parameters.overrides({ seed: 4, epsilon, lane }),
        ])
        const moved = create(model)
        moved.move(
          4,
          [0, 1, 2].map((each) => (each === lane ? unit : 0)),
        )
        const [[there]] = await scorer.scoreEach(examples, [moved.overrides(null)])
        expect(probed.loss).toBeCloseTo(there.loss, tolerance)
      }
      const [first, second] = await scorer.scoreEach(
        examples,
        [0, 1].map((lane) => parameters.overrides({ seed: 4, epsilon: 100 * epsilon, lane })),
      )
      expect(Math.abs(first[0].loss - second[0].loss)).toBeGreaterThan(1e-6)
      await close()
    })
  },
)

describe('a probe of row factors', () => {
  it('gives every example the losses of a state moved along its own direction alone', async () => {
    const model = openModel()
    const create = () => new RowFactors(model.description, { firstLayer: 0, endLayer: 3, hasColumns: false })
    const epsilon = 0.03
    const units = Math.round(epsilon * 2 ** 20)
    const { scorer, close } = openScorer(device, model, objective)
    const [plus, minus] = await scorer.scoreBothWays(examples, create().overrides({ seed: 9, epsilon }))
    for (const [lane, example] of examples.entries()) {
      for (const [sign, probed] of [
        [1, plus],
        [-1, minus],
      ] as const) {
        const moved = create()
        moved.move(
          9,
          examples.map((_, other) => (other === lane ? sign * units : 0)),
        )
        const [{ loss }] = await scorer.score([example], moved.overrides(null))
        expect(probed[lane].loss).toBeCloseTo(loss, tolerance)
      }
    }
    await close()
  })
})

describe('block scales of a model without any', () => {
  it('are refused with the recipe that works', () => {
    const floats = openTiny({ type: 'F16' }).model
    expect(() => new BlockScales(floats, 0, 2, usualDirections.independent)).toThrow(/qzo-rows/)
  })
})

async function losses(of: LoadedModel, parameters: TrainedParameters | null): Promise<number[]> {
  const { scorer, close } = openScorer(device, of, objective)
  const scores = await scorer.score(examples, parameters?.overrides(null) ?? (() => null))
  await close()
  return scores.map(({ loss }) => loss)
}

function withFactors(of: LoadedModel, parameters: TrainedParameters): LoadedModel {
  const blocks = of.blocks.map((block, layer) => ({
    ...block,
    linears: byLinear(linearNames, (name) => {
      const factors = parameters.scaleFactors(layer, name)
      return factors === null ? block.linears[name] : scaleMatrix(block.linears[name], factors)
    }),
  }))
  return { ...of, blocks }
}
