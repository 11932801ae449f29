import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluationBatches, trainingBatches } from '../../../core/data/batches.js'

const sequence = (length: number, id: number) => ({ id, tokens: new Int32Array(length) })
const sequences = fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 200 })
const sizes = fc.integer({ min: 1, max: 20 })
const seeds = fc.nat(0xffffffff)
const lengthsOf = (batch: readonly { tokens: Int32Array }[]) => batch.map(({ tokens }) => tokens.length)
const paddingOf = (batch: readonly { tokens: Int32Array }[]) =>
  lengthsOf(batch).reduce((sum, length) => sum + Math.max(...lengthsOf(batch)) - length, 0)

describe('training batches', () => {
  it('show every example exactly once an epoch', () => {
    fc.assert(
      fc.property(sequences, sizes, seeds, fc.nat(5), (lengths, size, seed, epoch) => {
        const examples = lengths.map(sequence)
        const batches = trainingBatches(examples, size, seed)
        const steps = Array.from({ length: batches.batchesPerEpoch }, (_, index) => index)
        const shown = steps.flatMap((step) => batches.at(epoch * batches.batchesPerEpoch + step))
        expect(shown.map(({ id }) => id).sort((a, b) => a - b)).toEqual([...examples.keys()])
      }),
    )
  })

  it('depend on the step alone, not on the steps asked for before', () => {
    fc.assert(
      fc.property(
        sequences,
        sizes,
        seeds,
        fc.array(fc.nat(100), { maxLength: 8 }),
        (lengths, size, seed, steps) => {
          const examples = lengths.map(sequence)
          const one = trainingBatches(examples, size, seed)
          for (const step of steps)
            expect(one.at(step)).toEqual(trainingBatches(examples, size, seed).at(step))
        },
      ),
    )
  })

  it('never pad more than (size − 1) · (longest − shortest) tokens an epoch', () => {
    fc.assert(
      fc.property(sequences, sizes, seeds, (lengths, size, seed) => {
        const batches = trainingBatches(lengths.map(sequence), size, seed)
        let padding = 0
        for (let step = 0; step < batches.batchesPerEpoch; step++) padding += paddingOf(batches.at(step))
        expect(padding).toBeLessThanOrEqual((size - 1) * (Math.max(...lengths) - Math.min(...lengths)))
      }),
    )
  })

  it('pad less than a tenth of the tokens of ordinary sentences', () => {
    // Lengths from 4 to 59 tokens, short ones more often, as in SST-2.
    const examples = Array.from({ length: 2000 }, (_, id) =>
      sequence(4 + Math.floor(55 * ((id % 101) / 101) ** 2), id),
    )
    const batches = trainingBatches(examples, 16, 1)
    let padding = 0
    let tokens = 0
    for (let step = 0; step < batches.batchesPerEpoch; step++) {
      padding += paddingOf(batches.at(step))
      tokens += lengthsOf(batches.at(step)).reduce((sum, length) => sum + length, 0)
    }
    expect(padding / (padding + tokens)).toBeLessThan(0.1)
  })

  it('come in another order and another composition with another seed or epoch', () => {
    const examples = Array.from({ length: 64 }, (_, id) => sequence(10, id))
    const epochOf = (seed: number, epoch: number) =>
      [0, 1, 2, 3].map((step) =>
        trainingBatches(examples, 16, seed)
          .at(epoch * 4 + step)
          .map(({ id }) => id),
      )
    expect(epochOf(1, 0)).not.toEqual(epochOf(2, 0))
    expect(epochOf(1, 0)).not.toEqual(epochOf(1, 1))
    expect(new Set(epochOf(1, 0)[0])).not.toEqual(new Set(epochOf(1, 1)[0]))
  })
})

describe('evaluation batches', () => {
  it('hold every example once, in order of length and then of the file', () => {
    fc.assert(
      fc.property(sequences, sizes, (lengths, size) => {
        const shown = evaluationBatches(lengths.map(sequence), size).flat()
        const sorted = lengths.map(sequence).sort((a, b) => a.tokens.length - b.tokens.length || a.id - b.id)
        expect(shown).toEqual(sorted)
      }),
    )
  })

  it('are full but for the last', () => {
    const batches = evaluationBatches([5, 3, 9, 1, 7].map(sequence), 2)
    expect(batches.map(lengthsOf)).toEqual([[1, 3], [5, 7], [9]])
  })
})
