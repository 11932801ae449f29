import type { GradientUpdate } from '../schema/gradient-update.js'
import { adamw } from './adamw.js'
import { meanMoment, squareMoment, type Draws } from './create-moments.js'
import { grass } from './grass.js'
import { lion } from './lion.js'
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
  const draws = { seed, tensor: name }
  switch (update.kind) {
    case 'adamw':
      return createAdamw(update, length, draws)
    case 'grass': {
      if (shape.length !== 2) return createAdamw(update, length, draws)
      const [rowCount, columns] = shape
      const chosenCount = Math.ceil(update.rowShare * rowCount)
      const inner = createAdamw(update, chosenCount * columns, draws)
      return grass(inner, { rowCount, columns, chosenCount, refreshSteps: update.refreshSteps }, draws)
    }
    case 'lion':
      return lion(update, meanMoment(update.states, length))
    case 'sgd':
      return sgd(update, length)
  }
}

function createAdamw(
  update: GradientUpdate & { kind: 'adamw' | 'grass' },
  length: number,
  draws: Draws,
): TensorRule {
  return adamw(update, meanMoment(update.states, length), squareMoment(update.states, length, draws))
}
