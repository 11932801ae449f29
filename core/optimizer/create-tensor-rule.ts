import type { GradientUpdate } from '../schema/gradient-update.js'
import { adamw } from './adamw.js'
import { meanMoment, squareMoment } from './create-moments.js'
import { sgd } from './sgd.js'
import type { TensorRule } from './tensor-rule.js'

/** The tensor that a rule is for. */
export interface RuleTensor {
  /** With the seed it fixes what a rule draws at random. */
  readonly name: string
  readonly shape: readonly number[]
}

/**
 * The rule that an update names, for one trained tensor, with a fresh state.
 *
 * @param seed of the run
 */
export function createTensorRule(
  update: GradientUpdate,
  { name, shape }: RuleTensor,
  seed: number,
): TensorRule {
  const length = shape.reduce((product, size) => product * size, 1)
  switch (update.kind) {
    case 'adamw': {
      const { states } = update
      return adamw(update, meanMoment(states, length), squareMoment(states, length, { seed, tensor: name }))
    }
    case 'sgd':
      return sgd(update, length)
  }
}
