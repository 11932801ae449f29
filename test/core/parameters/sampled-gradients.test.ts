import { expect, it } from 'vitest'
import { createPart } from '../../../core/parameters/create-part.js'
import { PartSet } from '../../../core/parameters/part-set.js'
import type { TrainedPartSettings } from '../../../core/schema/trained-part.js'
import { openParts } from '../../support/differentiated-parts.js'
import { openTiny } from '../../support/open-tiny.js'

const cases: readonly { readonly name: string; readonly settings: readonly TrainedPartSettings[] }[] = [
  {
    name: 'weights',
    settings: [
      { kind: 'master-weights', bits: 4, linears: ['ffn_down'], trainsGrid: false, softRounding: null },
    ],
  },
  { name: 'scales and zero points', settings: [{ kind: 'scales' }, { kind: 'zero-points' }] },
]
const layers = { firstLayer: 1, endLayer: 2 }

it.each(cases)(
  'gradients of $name from half of the tokens are those of all on average',
  async ({ settings }) => {
    const { model } = openTiny({ type: 'Q4_1' })
    const parameters = new PartSet(settings.map((part) => createPart(part, model, layers)))
    const { differentiate } = openParts(model)
    const gradient = async (seed: number | null): Promise<Float64Array> => {
      await differentiate(parameters, seed === null ? undefined : { share: 0.5, seed })
      return Float64Array.from(parameters.tensors.flatMap((tensor) => [...tensor.gradient]))
    }
    const whole = await gradient(null)
    const draws = 48
    const mean = new Float64Array(whole.length)
    let variance = 0
    for (let seed = 0; seed < draws; seed++) {
      const drawn = await gradient(seed)
      drawn.forEach((value, i) => (mean[i] += value / draws))
      variance += squaredDistance(drawn, whole) / draws
    }
    expect(variance).toBeGreaterThan(0)
    // Three standard errors of the distance of a mean of so many.
    expect(squaredDistance(mean, whole)).toBeLessThan((9 * variance) / draws)
    expect(await gradient(7)).toEqual(await gradient(7))
    expect(await gradient(7)).not.toEqual(await gradient(8))
  },
)

it('gradients of branches are always of all tokens', async () => {
  const { model } = openTiny({ type: 'Q4_1' })
  const part = { kind: 'low-rank', rank: 2, alpha: 2, isRankStabilized: false, seed: 1 } as const
  const settings: TrainedPartSettings = { ...part, linears: ['attn_q'] }
  const parameters = new PartSet([createPart(settings, model, layers)])
  const { differentiate } = openParts(model)
  await differentiate(parameters)
  const whole = parameters.tensors.map(({ gradient }) => gradient.slice())
  await differentiate(parameters, { share: 0.5, seed: 1 })
  expect(parameters.tensors.map(({ gradient }) => gradient)).toEqual(whole)
})

function squaredDistance(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0)
}
