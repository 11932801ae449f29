import { describe, expect, it } from 'vitest'
import { CodeMatrix, CodeRoom, unitsOfCode } from '../../../core/parameters/code-matrix.js'
import type { Probe } from '../../../core/parameters/trained-parameters.js'
import type { QuantizedMatrix } from '../../../core/quantization/matrix.js'
import { packCodes, unpackCodes } from '../../../core/quantization/pack-codes.js'
import { fillSigns, signAt, signWordCount } from '../../../core/random/directions.js'
import type { CodeRounding } from '../../../core/schema/code-rounding.js'
import { randomNumbers } from '../../support/random-numbers.js'

const stochastic: CodeRounding = { kind: 'stochastic' }
const feedback: CodeRounding = { kind: 'error-feedback', decay: 1 }

interface Made {
  readonly bits?: 4 | 8
  readonly rounding?: CodeRounding
  readonly epsilon?: number
  readonly zeroPoints?: Float32Array
}

/** A matrix of these codes. */
function matrixOf(
  codes: ArrayLike<number>,
  { bits = 4, rounding = stochastic, epsilon = 0.25, zeroPoints }: Made = {},
) {
  const packed = new Uint8Array((codes.length * bits) / 8)
  packCodes(Uint8Array.from(codes), codes.length, bits, packed)
  const base: QuantizedMatrix = {
    ...{ kind: 'quantized', rows: codes.length / 32, columns: 32, bits, blockSize: 32, codes: packed },
    scales: new Float32Array(codes.length / 32).fill(1),
    zeroPoints: zeroPoints ?? null,
  }
  return new CodeMatrix({ name: 'w', base, rounding, perturbationScale: epsilon, room: new CodeRoom() })
}

const repeated = (code: number, count: number): number[] => new Array<number>(count).fill(code)

function codesOf(packed: Uint8Array, count: number, bits: 4 | 8 = 4): number[] {
  const codes = new Uint8Array(count)
  unpackCodes(packed, count, bits, codes)
  return [...codes]
}

function probed(matrix: CodeMatrix, count: number, probe: Probe, side: 1 | -1) {
  const target = new Uint8Array(matrix.codes.length)
  matrix.probe(target, probe, side)
  return codesOf(target, count, (matrix.codes.length * 8) / count === 4 ? 4 : 8)
}

function signsOf(seed: number, count: number, lane = 0): number[] {
  const words = new Uint32Array(signWordCount(count))
  fillSigns(words, seed, 'w', lane)
  return Array.from({ length: count }, (_, i) => signAt(words, i))
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

describe('a probe of codes', () => {
  const count = 1 << 16

  it.each([0.05, 0.25, 1])('is ε z in the mean, and whole codes each time, for ε = %f', (epsilon) => {
    const matrix = matrixOf(repeated(8, count))
    const z = signsOf(5, count)
    const along = probed(matrix, count, { seed: 5, epsilon }, 1).map((code, i) => (code - 8) * z[i])
    expect(new Set(along)).toEqual(new Set(epsilon === 1 ? [1] : [0, 1]))
    expect(Math.abs(sum(along) / count - epsilon)).toBeLessThanOrEqual(
      3 * Math.sqrt((epsilon * (1 - epsilon)) / count),
    )
  })

  it('goes as far to one side as to the other, and leaves the state alone', () => {
    const matrix = matrixOf(repeated(8, 4096))
    const before = matrix.codes.slice()
    const plus = probed(matrix, 4096, { seed: 5, epsilon: 0.3 }, 1)
    const minus = probed(matrix, 4096, { seed: 5, epsilon: 0.3 }, -1)
    expect(plus.map((code) => code - 8)).toEqual(minus.map((code) => 8 - code))
    expect(matrix.codes).toEqual(before)
  })

  it.each([4, 8] as const)('stays in the range of %i bits', (bits) => {
    const largest = 2 ** bits - 1
    const ends = Array.from({ length: 1024 }, (_, i) => (i % 2 === 0 ? 0 : largest))
    const matrix = matrixOf(ends, { bits })
    const z = signsOf(2, 1024)
    const plus = probed(matrix, 1024, { seed: 2, epsilon: 1 }, 1)
    plus.forEach((code, i) => {
      const inward = ends[i] === 0 ? z[i] > 0 : z[i] < 0
      expect(code).toBe(inward ? Math.abs(ends[i] - 1) : ends[i])
    })
  })

  it('leaves blocks alone whose codes mean nothing in the file', () => {
    const matrix = matrixOf(repeated(1, 64), { zeroPoints: Float32Array.of(0, 3) })
    const plus = probed(matrix, 64, { seed: 5, epsilon: 1 }, 1)
    expect(plus.slice(0, 32)).toEqual(repeated(1, 32))
    expect(plus.slice(32)).not.toEqual(repeated(1, 32))
    matrix.move(5, [unitsOfCode(stochastic)])
    expect(codesOf(matrix.codes, 64).slice(0, 32)).toEqual(repeated(1, 32))
  })
})

describe('a step of codes, rounded at random', () => {
  it('is rounded independently of its probe, given their direction', () => {
    const count = 1 << 16
    const [epsilon, step] = [0.25, 0.125]
    const matrix = matrixOf(repeated(8, count), { epsilon })
    const plus = probed(matrix, count, { seed: 9, epsilon }, 1)
    matrix.move(9, [-step * unitsOfCode(stochastic)])
    const moved = codesOf(matrix.codes, count)
    const both = plus.filter((code, i) => code !== 8 && moved[i] !== 8).length
    const share = epsilon * step
    expect(Math.abs(both - share * count)).toBeLessThan(3 * Math.sqrt(count * share * (1 - share)))
    plus.forEach((code, i) => expect((code - 8) * (moved[i] - 8)).toBeLessThanOrEqual(0))
  })

  it('goes along every lane, each rounded by itself', () => {
    const unit = unitsOfCode(stochastic)
    const count = 1 << 14
    const matrix = matrixOf(repeated(8, count))
    matrix.move(4, [unit, -unit / 4])
    const [first, second] = [0, 1].map((lane) => signsOf(4, count, lane))
    const beside = codesOf(matrix.codes, count).map((code, i) => (8 + first[i] - code) * second[i])
    expect(new Set(beside)).toEqual(new Set([0, 1]))
    expect(Math.abs(sum(beside) / count - 1 / 4)).toBeLessThan(3 * Math.sqrt(3 / 16 / count))
  })
})

describe('error feedback', () => {
  it.each([1, 0.5])('conserves what is applied and what is left, with a decay of %f', (decay) => {
    const count = 2048
    const epsilon = 0.25
    const matrix = matrixOf(repeated(8, count), { rounding: { kind: 'error-feedback', decay }, epsilon })
    for (let step = 0; step < 6; step++) {
      const before = codesOf(matrix.codes, count)
      const left = [...(matrix.residuals ?? [])]
      const u = probed(matrix, count, { seed: step, epsilon }, 1).map((code, i) => code - before[i])
      const coefficient = 37 * (step - 2)
      matrix.move(step, [coefficient])
      const after = codesOf(matrix.codes, count)
      after.forEach((code, i) => {
        const total = 256 * (code - before[i]) + (matrix.residuals?.[i] ?? 0)
        expect(total).toBe(Math.trunc(decay * left[i]) + coefficient * u[i])
      })
    }
  })

  it('takes a step of a whole code once its parts make one', () => {
    const matrix = matrixOf(repeated(8, 64), { rounding: feedback, epsilon: 1 })
    const z = signsOf(3, 64)
    matrix.move(3, [100])
    expect(codesOf(matrix.codes, 64)).toEqual(repeated(8, 64))
    matrix.move(3, [100])
    expect(codesOf(matrix.codes, 64)).toEqual(z.map((sign) => 8 + sign))
    expect([...(matrix.residuals ?? [])]).toEqual(z.map((sign) => -56 * sign))
  })

  it('keeps half a code where the range ends, so that a way back is not far', () => {
    const matrix = matrixOf(repeated(15, 64), { rounding: feedback, epsilon: 1 })
    const z = signsOf(3, 64)
    for (let step = 0; step < 20; step++) matrix.move(3, [200])
    expect(codesOf(matrix.codes, 64)).toEqual(z.map((sign) => (sign > 0 ? 15 : 0)))
    matrix.move(3, [-256])
    expect(codesOf(matrix.codes, 64)).toEqual(z.map((sign) => (sign > 0 ? 14 : 1)))
  })
})

describe.each([
  ['rounded at random', stochastic],
  ['with error feedback', feedback],
] as const)('steps of codes %s', (_, rounding) => {
  const epsilon = 0.25

  /** Codes after a step of a linear loss Σ g q whose coefficient is the slope along the probe. */
  function step(matrix: CodeMatrix, gradient: readonly number[], seed: number, rate: number): void {
    const side = (sign: 1 | -1): number =>
      sum(probed(matrix, gradient.length, { seed, epsilon }, sign).map((code, i) => code * gradient[i]))
    const slope = (side(1) - side(-1)) / (2 * epsilon)
    matrix.move(seed, [Math.round(-rate * slope * unitsOfCode(rounding))])
  }

  it('are the gradient in the mean', () => {
    const count = 32
    const random = randomNumbers(6)
    const gradient = Array.from({ length: count }, () => random.symmetric())
    // So that no coefficient is beyond one code.
    const rate = 1 / 128
    const draws = 8000
    const [sums, squares] = [repeated(0, count), repeated(0, count)]
    for (let seed = 0; seed < draws; seed++) {
      const matrix = matrixOf(repeated(8, count), { rounding, epsilon })
      step(matrix, gradient, seed, rate)
      codesOf(matrix.codes, count).forEach((code, i) => {
        const moved = code - 8 + (matrix.residuals?.[i] ?? 0) / 256
        sums[i] += moved
        squares[i] += moved ** 2
      })
    }
    // The sum of squared standard errors of so many means is that of a χ² distribution.
    const errors = sums.map((total, i) => {
      const mean = total / draws
      return (mean + rate * gradient[i]) ** 2 / ((squares[i] / draws - mean ** 2) / draws)
    })
    expect(Math.abs(sum(errors) - count)).toBeLessThan(3 * Math.sqrt(2 * count))
  })

  // Rounding at random adds a variance in proportion to a step, not to its square: of few codes, probed all at once.
  it('descend on a quadratic', () => {
    const [lanes, rate, scale] = [8, 0.1, 1]
    const goals = [3, 11, 6, 13, 9, 4, 12, 5]
    const lossOf = (codes: readonly number[]): number =>
      sum(goals.map((goal, i) => (codes[i] - goal) ** 2)) / goals.length
    const matrix = matrixOf(repeated(8, 32), { rounding, epsilon: scale })
    const losses: number[] = []
    for (let seed = 0; seed < 2000; seed++) {
      const side = (lane: number, sign: 1 | -1): number =>
        lossOf(probed(matrix, 32, { seed, epsilon: scale, lane }, sign))
      const coefficients = Array.from({ length: lanes }, (_each, lane) => {
        const slope = (side(lane, 1) - side(lane, -1)) / (2 * scale)
        return Math.round((-rate * slope * unitsOfCode(rounding)) / lanes)
      })
      matrix.move(seed, coefficients)
      losses.push(lossOf(codesOf(matrix.codes, 32)))
    }
    expect(losses[0]).toBeGreaterThan(10)
    expect(sum(losses.slice(1000)) / 1000).toBeLessThan(2)
  })

  it('are the same again from the same seeds and coefficients', () => {
    const [one, other] = [1, 2].map(() => matrixOf(repeated(8, 4096), { rounding }))
    for (const matrix of [one, other]) {
      for (let seed = 0; seed < 10; seed++) matrix.move(seed, [(seed - 4) * 9, 7])
    }
    expect(other.codes).toEqual(one.codes)
    expect(other.residuals).toEqual(one.residuals)
    expect(codesOf(one.codes, 4096)).not.toEqual(repeated(8, 4096))
  })
})
