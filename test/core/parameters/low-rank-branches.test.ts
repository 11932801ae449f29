import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { LoadedModel } from '../../../core/engine/loaded-model.js'
import { openScorer } from '../../../core/engine/open-scorer.js'
import { exportGgufLora } from '../../../core/export/gguf-lora.js'
import { BranchMatrix } from '../../../core/parameters/branch-matrix.js'
import { createPart } from '../../../core/parameters/create-part.js'
import { LowRankBranches } from '../../../core/parameters/low-rank-branches.js'
import { PartSet } from '../../../core/parameters/part-set.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import type { LowRankSettings } from '../../../core/schema/trained-part.js'
import { openParts, tinyBatch, tinyLabels } from '../../support/differentiated-parts.js'
import { openTiny } from '../../support/open-tiny.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

const settings: LowRankSettings = {
  kind: 'low-rank',
  rank: 4,
  alpha: 6,
  isRankStabilized: true,
  linears: ['attn_q', 'attn_output', 'ffn_down'],
  seed: 9,
}
const layers = { firstLayer: 1, endLayer: 3 }
const openModel = (): LoadedModel => openTiny({ type: 'Q4_1', layers: 3 }).model
/** Moves that leave neither matrix at 0. */
const moves = [300_000, -200_000, 150_000]

function trained({ description }: LoadedModel): LowRankBranches {
  const branches = new LowRankBranches(description, layers, settings)
  branches.move(3, moves)
  return branches
}

/** Along which ±1 a lane moves each number: what one whole unit of distance does to it, over how far it reaches. */
function directions({ description }: LoadedModel, seed: number, lane: number): ReadonlyMap<string, number[]> {
  const branches = new LowRankBranches(description, layers, settings)
  const before = new Map([...branches.numbers].map(([name, units]) => [name, units.slice()]))
  branches.move(seed, [...Array.from({ length: lane }, () => 0), 2 ** 20])
  return new Map(
    [...branches.numbers].map(([name, units]) => [
      name,
      [...units].map((unit, i) => Math.sign(unit - (before.get(name)?.[i] ?? 0))),
    ]),
  )
}

describe('branches along directions of their own', () => {
  it('begin as the branches that exact gradients train, and as the model is', async () => {
    const model = openModel()
    const { loss } = openParts(model)
    const branches = new LowRankBranches(model.description, layers, settings)
    const exact = new PartSet([createPart(settings, model, layers)])
    expect(branches.count).toBe(exact.count)
    for (const [name, values] of exact.numbers) {
      branches.numbers.get(name)?.forEach((units, i) => {
        expect(Math.abs(units * 2 ** -20 - values[i])).toBeLessThan(2 ** -20)
      })
    }
    expect(await loss(branches)).toBeCloseTo(await loss(null), 6)
  })

  it('give every row the losses of a state moved along its own direction alone', async () => {
    const model = openModel()
    const epsilon = 0.05
    const { scorer, close } = openScorer(openCpuDevice({ threads: 1 }), model, tinyLabels)
    const sides = await scorer.scoreBothWays(tinyBatch, trained(model).overrides({ seed: 9, epsilon }))
    const [still] = await scorer.scoreEach(tinyBatch, [trained(model).overrides(null)])
    for (const [lane, example] of tinyBatch.entries()) {
      for (const [side, sign] of [1, -1].entries()) {
        const moved = trained(model)
        const units = sign * Math.round(epsilon * 2 ** 20)
        moved.move(
          9,
          tinyBatch.map((_, other) => (other === lane ? units : 0)),
        )
        const [{ loss }] = await scorer.score([example], moved.overrides(null))
        expect(sides[side][lane].loss).toBeCloseTo(loss, 4)
        expect(Math.abs(loss - still[lane].loss)).toBeGreaterThan(1e-3)
      }
    }
    await close()
  })

  it('have slopes that are the exact gradient along those directions', async () => {
    const model = openModel()
    const subject = openParts(model)
    const branches = trained(model)
    const exact = new PartSet([createPart(settings, model, layers)])
    for (const [name, values] of exact.numbers) {
      branches.numbers.get(name)?.forEach((units, i) => (values[i] = units * 2 ** -20))
    }
    await subject.differentiate(exact)
    const epsilon = 2 ** -9
    const slope = await slopeOf(model, branches, 21, epsilon)
    const along = directions(model, 21, 0)
    const expected = exact.tensors.reduce((sum, { name, shape, gradient }) => {
      const reach = name.endsWith('loraA') ? 1 / Math.sqrt(shape[1]) : 1
      return sum + gradient.reduce((part, g, i) => part + reach * g * (along.get(name)?.[i] ?? 0), 0)
    }, 0)
    expect(Math.abs(expected)).toBeGreaterThan(1e-3)
    expect(Math.abs(slope / expected - 1)).toBeLessThan(0.02)
  })

  it('find the gradient of a quadratic without bias, within three standard errors', () => {
    // Of ½ ‖θ − θ*‖² at θ, along z: symmetric differences give zᵀ(θ − θ*) exactly, whatever their size.
    const gradient = (i: number): number => Math.sin(i + 1)
    const [matrix, runs] = [new BranchMatrix({ name: 'up', outputs: 64, inputs: 4, reach: 1 }), 4000]
    const size = matrix.units.length
    const [sums, squares] = [new Float64Array(size), new Float64Array(size)]
    for (let seed = 0; seed < runs; seed++) {
      const z = matrix.units.fill(0)
      matrix.move(seed, [1])
      const slope = z.reduce((sum, sign, i) => sum + sign * gradient(i), 0)
      z.forEach((sign, i) => {
        sums[i] += slope * sign
        squares[i] += (slope * sign) ** 2
      })
    }
    const errors = [...sums].map((sum, i) => {
      const mean = sum / runs
      const deviation = Math.sqrt((squares[i] / runs - mean ** 2) / runs)
      return (mean - gradient(i)) / deviation
    })
    expect(errors.filter((error) => Math.abs(error) > 3).length / size).toBeLessThan(0.01)
    const spread = errors.reduce((sum, error) => sum + error ** 2, 0) / size
    expect(Math.abs(spread - 1)).toBeLessThan(0.3)
  })

  it('give back a saved state, and move back to where they were', () => {
    const model = openModel()
    const branches = new LowRankBranches(model.description, layers, settings)
    const initial = branches.save()
    branches.move(3, moves)
    expect(branches.save()).toEqual(trained(model).save())
    const other = new LowRankBranches(model.description, layers, settings)
    other.load(branches.save())
    expect(other.branch(2, 'ffn_down')).toEqual(branches.branch(2, 'ffn_down'))
    const backwards = moves.map((units) => -units)
    branches.move(3, backwards)
    expect(branches.save()).toEqual(initial)
  })

  it('move in the layers of a step only', () => {
    const model = openModel()
    const branches = new LowRankBranches(model.description, layers, settings)
    const before = branches.branch(1, 'attn_q')?.up.slice()
    branches.move(3, moves, { layers: new Set([2]) })
    expect(branches.branch(1, 'attn_q')?.up).toEqual(before)
    expect(branches.branch(2, 'attn_q')?.up).toEqual(trained(model).branch(2, 'attn_q')?.up)
  })

  it('are written as a LoRA file', () => {
    const model = openModel()
    const target = join(temporaryFolder(), 'lora.gguf')
    const written = exportGgufLora({ model: model.description, changes: trained(model), target })
    expect(written.trainedTensorCount).toBe(2 * 2 * 3)
  })
})

/** The slope of the mean loss along the direction of the first lane, which all rows take. */
async function slopeOf(
  model: LoadedModel,
  branches: LowRankBranches,
  seed: number,
  epsilon: number,
): Promise<number> {
  const { scorer, close } = openScorer(openCpuDevice({ threads: 1 }), model, tinyLabels)
  let slope = 0
  for (const example of tinyBatch) {
    const [[plus], [minus]] = await scorer.scoreBothWays([example], branches.overrides({ seed, epsilon }))
    slope += (plus.loss - minus.loss) / (2 * epsilon * tinyBatch.length)
  }
  await close()
  return slope
}
