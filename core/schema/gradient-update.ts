import { z } from 'zod'
import { learningRateSchedule } from './learning-rate-schedule.js'

const positive = z.number().positive()
/** The weight of the past in a running mean. */
export const beta = z.number().min(0).lt(1)
/** What every rule has. */
const common = {
  /** The highest learning rate of the schedule. */
  learningRate: positive,
  schedule: learningRateSchedule,
  /** Decoupled: a step also takes learningRate · weightDecay of a value away. */
  weightDecay: z.number().min(0),
  /** The joint norm of all gradients is clipped to this. */
  clipNorm: positive.nullable(),
}

/** How running means are kept. Small tensors keep fp32. */
export const momentStates = z.enum(['fp32', '8bit', 'solo'])

/** Of AdamW. */
const moments = {
  /** Weights of the past in the running mean of gradients and of their squares. */
  betas: z.tuple([beta, beta]),
  epsilon: positive,
  states: momentStates,
}

const adamw = z.strictObject({ kind: z.literal('adamw'), ...common, ...moments })

/** AdamW on some rows of each matrix at a time; other tensors move whole. */
const grass = z.strictObject({
  kind: z.literal('grass'),
  ...common,
  ...moments,
  /** Rows that move at a time. */
  rowShare: z.number().positive().max(1),
  /** Steps until others are chosen. */
  refreshSteps: z.int().min(1),
})

/** Steps along the signs of one running mean. */
const lion = z.strictObject({
  kind: z.literal('lion'),
  ...common,
  /** Weights of the past in the step's direction, and in the running mean. */
  betas: z.tuple([beta, beta]),
  states: momentStates,
})

const sgd = z.strictObject({
  kind: z.literal('sgd'),
  ...common,
  /** Weight of the past in the velocity; 0 keeps no state. */
  momentum: beta,
})

/** How a step follows from exact gradients. Everything is resolved, so that a job means the same in a later version. */
export const gradientUpdate = z.discriminatedUnion('kind', [adamw, grass, lion, sgd])

export type GradientUpdate = z.infer<typeof gradientUpdate>
export type MomentStates = z.infer<typeof momentStates>
