import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Example, Objective } from '../../../core/data/example.js'
import { statesInFile, statesInMemory } from '../../../core/engine/kept-states.js'
import {
  differentiate,
  factorTable,
  labelExamples,
  pairExamples,
  sequenceExamples,
  type FactorTable,
} from '../../support/differentiated-model.js'
import { expectSlopes, largestDifference } from '../../support/loss-slopes.js'
import { openTiny } from '../../support/open-tiny.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

const labels = (...tokens: readonly (readonly number[])[]): Objective => ({
  kind: 'labels',
  options: tokens.map((ids, index) => ({ name: String(index), text: String(index), tokens: ids })),
})

const lengths = [7, 3, 12, 5, 9]
const vocabulary = 64

const tasks: Readonly<Record<string, { objective: Objective; batch: readonly Example[] }>> = {
  'labels of one token': {
    objective: labels([5], [60], [17]),
    batch: labelExamples(lengths, vocabulary, 3),
  },
  'labels of several tokens': {
    objective: labels([5, 9], [60], [17, 3, 8]),
    batch: labelExamples(lengths, vocabulary, 3),
  },
  answers: { objective: { kind: 'answer' }, batch: sequenceExamples(lengths, vocabulary) },
  pairs: { objective: { kind: 'preference', beta: 0.7 }, batch: pairExamples(lengths, vocabulary) },
  text: { objective: { kind: 'text' }, batch: sequenceExamples([16, 16], vocabulary) },
}

/** Rounding of float32 losses, against slopes of the size that these models have. */
const finely = { distance: 0.04, tolerance: 1e-3 }

describe.each(Object.entries(tasks))('exact gradients of %s', (_, { objective, batch }) => {
  it('are the slopes of the loss, element by element', async () => {
    const { model } = openTiny()
    const table = factorTable(model.description, 0, 2)
    const subject = differentiate(model, objective)
    const { loss, gradient } = await subject.gradient(batch, table)
    expect(loss).toBeCloseTo(await subject.loss(batch, table), 5)
    await expectSlopes(subject, batch, table, gradient, finely)
  })

  it('do not depend on how the batch is cut into runs', async () => {
    const { model } = openTiny()
    const table = factorTable(model.description, 0, 2)
    const whole = await differentiate(model, objective).gradient(batch, table)
    const cut = await differentiate(model, objective, { tokensPerRun: 16 }).gradient(batch, table)
    expect(cut.loss).toBeCloseTo(whole.loss, 6)
    expect(largestDifference(cut.gradient, whole.gradient)).toBeLessThan(1e-5)
  })
})

describe('exact gradients', () => {
  const { objective, batch } = tasks['labels of one token']

  it.each([512, 16])(
    'of the divergence from the base are its slopes, %d tokens a run',
    async (tokensPerRun) => {
      const { model } = openTiny()
      const table = factorTable(model.description, 0, 2)
      const text = sequenceExamples(lengths, vocabulary)
      const subject = differentiate(model, objective, { tokensPerRun })
      const { loss, gradient } = await subject.divergence(text, 3, table)
      expect(loss).toBeGreaterThan(0.01)
      const divergenceAlone = async (_: unknown, moved: FactorTable): Promise<number> =>
        3 * (await subject.divergence(text, 3, moved, [])).loss
      await expectSlopes({ loss: divergenceAlone }, text, table, gradient, finely)
    },
  )

  it('of the divergence are zeros at the base itself', async () => {
    const { model } = openTiny()
    const ones = factorTable(model.description, 0, 2)
    for (const vectors of ones.values()) for (const vector of Object.values(vectors)) vector.fill(1)
    const { loss, gradient } = await differentiate(model, objective).divergence(
      sequenceExamples(lengths, vocabulary),
      1,
      ones,
    )
    expect(loss).toBeCloseTo(0, 6)
    for (const vectors of gradient.values()) {
      for (const vector of Object.values(vectors))
        expect(Math.max(...vector.map(Math.abs))).toBeLessThan(1e-6)
    }
  })

  it('of some layers are bit for bit those that come with all layers', async () => {
    const { model } = openTiny({ layers: 4 })
    const table = factorTable(model.description, 0, 4)
    const subject = differentiate(model, objective)
    const { gradient: ofAll } = await subject.gradient(batch, table)
    for (const layers of [[2, 3], [1], [0, 3]]) {
      const { gradient } = await subject.gradient(batch, table, layers)
      expect([...gradient.keys()]).toEqual(layers)
      for (const layer of layers) expect(gradient.get(layer)).toEqual(ofAll.get(layer))
    }
  })

  it.each([
    ['int16', 3e-4],
    ['int8', 5e-2],
  ] as const)('change little where states are kept in %s', async (format, limit) => {
    const { model } = openTiny({ layers: 4 })
    const table = factorTable(model.description, 0, 4)
    const exact = await differentiate(model, objective).gradient(batch, table)
    const kept = statesInMemory(format, 512 * model.description.width)
    const { loss, gradient } = await differentiate(model, objective, { kept }).gradient(batch, table)
    expect(loss).toBe(exact.loss)
    expect(largestDifference(gradient, exact.gradient)).toBeLessThan(limit)
  })

  it('are the same bits where states are kept in a file', async () => {
    const { model } = openTiny({ layers: 3 })
    const table = factorTable(model.description, 1, 3)
    const kept = statesInFile(join(temporaryFolder(), 'states'))
    const inFile = await differentiate(model, objective, { tokensPerRun: 24, kept }).gradient(batch, table)
    const inMemory = await differentiate(model, objective, { tokensPerRun: 24 }).gradient(batch, table)
    expect(inFile).toEqual(inMemory)
  })

  it('are the slopes where only layers in the middle are trained', async () => {
    const { model } = openTiny({ layers: 4 })
    const table = factorTable(model.description, 1, 3)
    const subject = differentiate(model, objective)
    const { gradient } = await subject.gradient(batch, table)
    await expectSlopes(subject, batch, table, gradient, finely)
  })

  it('of what enters the lowest layer add up to that of the bias before it', async () => {
    const { model } = openTiny({ biases: ['ffn_down'] })
    const { engine } = differentiate(model, objective)
    const byToken: Float32Array[] = []
    const none = (): null => null
    await engine.gradients(
      batch,
      none,
      (layer) => (layer === 1 ? ['hidden'] : []),
      (_, { hidden }) => byToken.push(hidden.slice()),
    )
    let ofBias = new Float32Array()
    await engine.gradients(
      batch,
      none,
      (layer) => (layer === 0 ? ['ffn_down.bias'] : []),
      (_, gradients) => (ofBias = gradients['ffn_down.bias'].slice()),
    )
    const { width } = model.description
    const sums = new Float32Array(width)
    byToken.forEach((hidden) => hidden.forEach((value, i) => (sums[i % width] += value)))
    expect(ofBias.some((value) => Math.abs(value) > 1e-3)).toBe(true)
    sums.forEach((sum, i) => expect(sum).toBeCloseTo(ofBias[i], 6))
  })

  it.each(['Q4_0', 'Q8_0', 'F16', 'F32'] as const)(
    'are the slopes with an output matrix in %s',
    async (type) => {
      const { model } = openTiny({ outputType: type, embeddingType: 'F32', vocabulary: 71 })
      const table = factorTable(model.description, 1, 2)
      const answers = tasks['answers']
      const subject = differentiate(model, answers.objective)
      const { gradient } = await subject.gradient(answers.batch, table)
      await expectSlopes(subject, answers.batch, table, gradient, finely)
    },
  )
})
