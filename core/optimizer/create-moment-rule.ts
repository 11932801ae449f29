import type { ProbeMoments } from '../schema/probe-moments.js'
import { adamw } from './adamw.js'
import { meanMoment, squareMoment, type Draws } from './create-moments.js'
import { momentum } from './momentum.js'
import type { TensorRule } from './tensor-rule.js'

/** The rule of the running means that steps by forward passes follow, for a tensor of so many numbers, with a fresh state. */
export function createMomentRule(moments: ProbeMoments, length: number, draws: Draws): TensorRule {
  const { states } = moments
  switch (moments.kind) {
    case 'momentum':
      return momentum(moments, meanMoment(states, length))
    case 'adam':
      return adamw(
        { ...moments, weightDecay: 0 },
        meanMoment(states, length),
        squareMoment(states, length, draws),
      )
  }
}
