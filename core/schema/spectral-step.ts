import { z } from 'zod'

/** All singular values brought near to each other by a polynomial, so many times over. */
const newtonSchulz = z.strictObject({ kind: z.literal('newton-schulz'), rounds: z.int().min(1).max(20) })

/** The largest singular values made equal and the others left out, from where the step before had them. */
const powerIteration = z.strictObject({ kind: z.literal('power-iteration'), rank: z.int().min(1).max(64) })

/** How a step of matrices is evened out over their singular directions. */
export const spectralStep = z.discriminatedUnion('kind', [newtonSchulz, powerIteration])

export type SpectralStep = z.infer<typeof spectralStep>

/** With none, a step is taken as it is. */
export const spectralKinds = ['none', ...spectralStep.options.map(({ shape }) => shape.kind.value)] as const
export type SpectralKind = (typeof spectralKinds)[number]

/** As Muon has it, and with as few directions as ZO-MOPI keeps. */
export const usualSpectral = {
  'newton-schulz': { kind: 'newton-schulz', rounds: 5 },
  'power-iteration': { kind: 'power-iteration', rank: 4 },
} as const satisfies { readonly [Kind in SpectralStep['kind']]: SpectralStep & { readonly kind: Kind } }
