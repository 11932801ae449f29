import { z } from 'zod'

/** Every number of a direction is drawn by itself. */
const independent = z.strictObject({ kind: z.literal('independent') })

/** The numbers of a small pool, over and over, from another place in every step and tensor. */
const pool = z.strictObject({
  kind: z.literal('pool'),
  /** Numbers in the pool, a power of two. */
  size: z
    .int()
    .min(32)
    .max(2 ** 20)
    .refine((size) => Number.isInteger(Math.log2(size)), 'expected a power of two'),
})

/** The product of two thin matrices of signs, for scales that are a matrix of rows and blocks of columns. */
const lowRank = z.strictObject({
  kind: z.literal('low-rank'),
  rank: z.int().min(1).max(8),
  /** Steps that keep the signs of columns; those of rows are drawn anew at every step. */
  interval: z.int().min(1),
})

/** What the directions of a step are made of, where all rows share them. */
export const probeDirections = z.discriminatedUnion('kind', [independent, pool, lowRank])

export type ProbeDirections = z.infer<typeof probeDirections>

export const probeDirectionKinds = probeDirections.options.map(({ shape }) => shape.kind.value)

/** Each kind with the settings that recipes have. */
export const usualDirections = {
  independent: { kind: 'independent' },
  pool: { kind: 'pool', size: 4096 },
  'low-rank': { kind: 'low-rank', rank: 2, interval: 50 },
} as const satisfies {
  readonly [Kind in ProbeDirections['kind']]: ProbeDirections & { readonly kind: Kind }
}
