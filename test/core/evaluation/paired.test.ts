import { describe, expect, it } from 'vitest'
import { compareScores } from '../../../core/evaluation/compare-scores.js'
import { mcnemarTest, permutationTest } from '../../../core/evaluation/paired.js'
import type { Example, Objective } from '../../../core/data/example.js'
import type { ExampleScore } from '../../../core/engine/example-score.js'

describe('the exact McNemar test', () => {
  it.each([
    [0, 5, 2 * 0.5 ** 5],
    [5, 0, 2 * 0.5 ** 5],
    [1, 4, 2 * (1 + 5) * 0.5 ** 5],
    [3, 3, 1],
    [1, 0, 1],
  ])('gives for %i fixed and %i broken the binomial tail %f', (fixed, broken, expected) => {
    expect(mcnemarTest(fixed, broken)).toBeCloseTo(expected, 12)
  })

  it('has nothing to say where no row changed', () => {
    expect(mcnemarTest(0, 0)).toBeNull()
  })

  it('stays finite for more rows than a power of two can count', () => {
    const p = mcnemarTest(5000, 5100)
    expect(p).toBeGreaterThan(0.3)
    expect(p).toBeLessThan(0.35)
  })
})

describe('the permutation test', () => {
  it('agrees with counting all signs', () => {
    // Of the 16 signs of four equal differences, the two that are all alike reach the sum.
    expect(permutationTest([1, 1, 1, 1], 7)).toBeCloseTo(2 / 16, 1)
  })

  it('finds a clear change, and none in differences that cancel', () => {
    expect(
      permutationTest(
        Array.from({ length: 100 }, () => -0.2),
        1,
      ),
    ).toBeLessThan(0.001)
    expect(
      permutationTest(
        Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 1 : -1)),
        1,
      ),
    ).toBe(1)
    expect(permutationTest([0, 0, 0], 1)).toBeNull()
  })

  it('says the same of equal numbers, whichever sign they have', () => {
    const differences = Array.from({ length: 40 }, (_, i) => Math.sin(i) + 0.2)
    expect(permutationTest(differences, 3)).toBe(permutationTest(differences, 3))
    expect(
      permutationTest(
        differences.map((difference) => -difference),
        3,
      ),
    ).toBe(permutationTest(differences, 3))
  })
})

describe('comparing two models on the same rows', () => {
  const objective: Objective = {
    kind: 'labels',
    options: ['no', 'yes'].map((name) => ({ name, text: ` ${name}`, tokens: [1] })),
  }
  const examples = [0, 0, 1, 1].map((label, line): Example => ({
    kind: 'label',
    tokens: Int32Array.of(1),
    label,
    line,
  }))
  const scored = (predictions: readonly number[], loss: number): ExampleScore[] =>
    predictions.map((prediction, row) => {
      return { loss, tokens: 1, prediction, margin: null, isCorrect: prediction === [0, 0, 1, 1][row] }
    })
  const found = compareScores(examples, objective, scored([0, 1, 0, 0], 1), scored([0, 0, 1, 0], 0.5), 1)

  it('says what became of each row', () => {
    expect(found.changes).toEqual(['still-right', 'fixed', 'fixed', 'still-wrong'])
    expect(found.test).toEqual({ kind: 'mcnemar', fixedCount: 2, brokenCount: 0, pValue: 0.5 })
    expect(found.accuracyChange?.mean).toBe(0.5)
    expect(found.lossChange).toEqual({ mean: -0.5, low: -0.5, high: -0.5 })
  })

  it('counts true against chosen labels', () => {
    expect(found.confusion?.base).toEqual([
      [1, 1],
      [2, 0],
    ])
    expect(found.confusion?.adapted).toEqual([
      [2, 0],
      [1, 1],
    ])
  })

  it('tests the losses of running text, which has no right answers', () => {
    const text = compareScores(
      examples,
      { kind: 'text' },
      scored([0, 0, 0, 0], 1),
      scored([0, 0, 0, 0], 0.9),
      1,
    )
    expect(text).toMatchObject({ accuracyChange: null, confusion: null, test: { kind: 'permutation' } })
  })
})
