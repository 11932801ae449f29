import { z } from 'zod'
import { learningRateSchedule } from './learning-rate-schedule.js'

const positive = z.number().positive()

/** What every rule has: the highest learning rate, and how it moves over the run. */
const common = { learningRate: positive, schedule: learningRateSchedule }

const normalized = z.strictObject({
  kind: z.literal('normalized'),
  ...common,
  /** Differences are clipped to ± this many nats before anything else. */
  clipDifference: positive.nullable(),
  /** Then divided by their running root mean square and clipped to ± this. */
  clipRatio: positive,
  /** Weight of the past in the running mean square. */
  smoothing: z.number().min(0).max(1),
})

const projected = z.strictObject({
  kind: z.literal('projected'),
  ...common,
  /** The projected gradient is clipped to ± this. */
  clipGradient: positive,
})

/** The same distance whatever the difference is. */
const sign = z.strictObject({ kind: z.literal('sign'), ...common })

/** Differences divided by the spread of the step's own losses. */
const spread = z.strictObject({ kind: z.literal('spread'), ...common })

/** How a step follows from losses at probes. Everything is resolved, so that a job means the same in a later version. */
export const probeUpdate = z.preprocess(
  withSchedule,
  z.discriminatedUnion('kind', [normalized, projected, sign, spread]),
)

export const probeUpdateKinds = [normalized, projected, sign, spread].map(({ shape }) => shape.kind.value)

export type ProbeUpdate = z.infer<typeof probeUpdate>

/** Jobs from before probes had schedules: a normalised step fell linearly, a projected one stayed. */
function withSchedule(value: unknown): unknown {
  const normalizedBefore = z.looseObject({ finalShare: z.number() }).safeParse(value)
  if (normalizedBefore.success) {
    const { finalShare, ...rest } = normalizedBefore.data
    return { ...rest, schedule: { kind: 'linear', warmUpShare: 0, finalShare } }
  }
  const before = z
    .looseObject({ kind: z.literal('projected'), schedule: z.undefined().optional() })
    .safeParse(value)
  return before.success ? { ...before.data, schedule: { kind: 'constant', warmUpShare: 0 } } : value
}
