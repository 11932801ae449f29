import { z } from 'zod'
import { beta, momentStates } from './gradient-update.js'

/** Along the running mean of steps. */
const momentum = z.strictObject({
  kind: z.literal('momentum'),
  /** Weight of the past. */
  beta,
  states: momentStates,
})

/** Along that mean, each number divided by the running size of its own steps. */
const adam = z.strictObject({
  kind: z.literal('adam'),
  /** Weights of the past in the running means of steps and of their squares. */
  betas: z.tuple([beta, beta]),
  epsilon: z.number().positive(),
  states: momentStates,
})

/** Running means, one for each trained number, that steps by forward passes follow. */
export const probeMoments = z.discriminatedUnion('kind', [momentum, adam])

export type ProbeMoments = z.infer<typeof probeMoments>

/** With none, a step goes along its own directions. */
export const probeMomentKinds = [
  'none',
  ...probeMoments.options.map(({ shape }) => shape.kind.value),
] as const
export type ProbeMomentKind = (typeof probeMomentKinds)[number]

/** As Kingma and Ba 2015 have it, and with as long a memory of steps as momentum usually has. */
export const usualMoments = {
  momentum: { kind: 'momentum', beta: 0.9, states: 'fp32' },
  adam: { kind: 'adam', betas: [0.9, 0.999], epsilon: 1e-8, states: 'fp32' },
} as const satisfies { readonly [Kind in ProbeMoments['kind']]: ProbeMoments & { readonly kind: Kind } }
