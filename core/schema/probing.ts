import { z } from 'zod'

/** Directions of a step, where all rows share them. */
const queries = z.int().min(1).max(1024)

/** The loss on both sides of the state, along each direction. */
const twoPoint = z.strictObject({ kind: z.literal('two-point'), queries })

/** The loss on one side, less the loss at the state (`clean`) or the mean of the other directions' (`others`). */
const oneSided = z.strictObject({
  kind: z.literal('one-sided'),
  queries: queries.min(2),
  baseline: z.enum(['clean', 'others']),
})

/** Both sides and the state itself, whose curvature makes steps across sharp directions shorter. */
const curvature = z.strictObject({
  kind: z.literal('curvature'),
  queries,
  /** A slope is divided by |curvature| to this power, where that is more than 1. */
  exponent: z.number().positive().max(1),
})

/** Both sides at a random share of the probe's size, weighed by a kernel of that share. */
const kernel = z.strictObject({
  kind: z.literal('kernel'),
  queries,
  kernel: z.enum(['linear', 'cubic', 'quintic']),
  /** The largest share at the first step and after the last one; between them it falls evenly. */
  largestShare: z.tuple([z.number().positive().max(1), z.number().positive().max(1)]),
})

/** Where a step by forward passes measures losses. */
export const probing = z.discriminatedUnion('kind', [twoPoint, oneSided, curvature, kernel])

export const probingKinds = probing.options.map(({ shape }) => shape.kind.value)

export type Probing = z.infer<typeof probing>

/** Each way of probing as it was published, or in the mode that its authors recommend. */
export const usualProbings = {
  'two-point': { kind: 'two-point', queries: 1 },
  'one-sided': { kind: 'one-sided', queries: 8, baseline: 'others' },
  curvature: { kind: 'curvature', queries: 1, exponent: 0.1 },
  kernel: { kind: 'kernel', queries: 1, kernel: 'cubic', largestShare: [0.5, 0.25] },
} as const satisfies { readonly [Kind in Probing['kind']]: Probing & { readonly kind: Kind } }

/** What recipes did before there was a choice. */
export const plainProbing: Probing = usualProbings['two-point']
