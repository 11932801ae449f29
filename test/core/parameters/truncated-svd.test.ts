import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { truncatedSvd, type SingularTerms } from '../../../core/parameters/truncated-svd.js'

interface GoldenMatrix {
  readonly name: string
  readonly shape: readonly [number, number]
  readonly values: readonly number[]
  /** By LAPACK. */
  readonly singular: readonly number[]
}

const golden = JSON.parse(
  readFileSync(resolve(import.meta.dirname, '../../golden/svd/svd.json'), 'utf8'),
) as GoldenMatrix[]
const rank = 4

function termsOf({ values, shape }: GoldenMatrix, count: number, seed = 1): SingularTerms {
  return truncatedSvd(Float32Array.from(values), shape, count, seed)
}

/** What is left of the squares of a matrix without its terms. */
function leftOver(
  { values, shape: [, columns] }: GoldenMatrix,
  { left, values: sizes, right }: SingularTerms,
) {
  return Float32Array.from(values).reduce((sum, value, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns]
    const term = left.reduce((of, u, k) => of + u[row] * sizes[k] * right[k][column], 0)
    return sum + (value - term) ** 2
  }, 0)
}

describe.each(golden.map((matrix) => [matrix.name, matrix] as const))(
  'the largest singular terms of a matrix: %s',
  (name, matrix) => {
    const least = matrix.singular.slice(rank).reduce((sum, value) => sum + value * value, 0)
    const whole = matrix.singular.reduce((sum, value) => sum + value * value, 0)

    it('have vectors that are orthogonal and of length 1', () => {
      const terms = termsOf(matrix, rank)
      for (const vectors of [terms.left, terms.right]) {
        vectors.forEach((a, i) => {
          vectors.forEach((b, j) => {
            const product = a.reduce((sum, x, index) => sum + x * b[index], 0)
            if (terms.values[i] > 1e-9 && terms.values[j] > 1e-9) {
              expect(Math.abs(product - (i === j ? 1 : 0))).toBeLessThan(1e-10)
            }
          })
        })
      }
    })

    it('leave hardly more of it than the least that so many terms can leave', () => {
      expect(leftOver(matrix, termsOf(matrix, rank))).toBeLessThan(1.02 * least + 1e-12 * whole)
    })

    it('are the same bits for the same seed', () => {
      expect(termsOf(matrix, rank, 3)).toEqual(termsOf(matrix, rank, 3))
    })

    it.runIf(!name.startsWith('flat'))("have LAPACK's largest singular values", () => {
      const { values } = termsOf(matrix, rank)
      values.forEach((value, k) => {
        expect(Math.abs(value - matrix.singular[k])).toBeLessThan(1e-9 * matrix.singular[0])
      })
    })

    it.runIf(Math.min(...matrix.shape) <= 14)('give it again where all of them are kept', () => {
      const all = termsOf(matrix, Math.min(...matrix.shape))
      expect(leftOver(matrix, all)).toBeLessThan(1e-20 * whole)
    })
  },
)

it('leaves a matrix of zeros as it is', () => {
  const { values, left } = truncatedSvd(new Float32Array(12), [3, 4], 2, 1)
  expect(values).toEqual([0, 0])
  expect(left.flatMap((vector) => [...vector])).toEqual(new Array(6).fill(0))
})
