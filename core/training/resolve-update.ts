import { requestIssue } from '../schema/request-issues.js'
import type { GradientUpdate, MomentStates } from '../schema/gradient-update.js'
import { resolveSchedule, type ScheduleChoices } from './resolve-schedule.js'

/** What a person may choose of how exact gradients become a step. */
export interface UpdateChoices extends ScheduleChoices {
  readonly learningRate?: number
  readonly optimizer?: GradientUpdate['kind']
  /** How running means are kept. */
  readonly optimizerStates?: MomentStates
  /** Rows of a matrix that `grass` moves at a time. */
  readonly rowShare?: number
  readonly weightDecay?: number
  readonly clipNorm?: number
}

/** Grass' own setting for fine-tuning is every 200 steps of thousands; runs here have a hundred. */
const refreshSteps = 25
const defaultRowShare = 0.25

/** Those of the paper, arXiv:2302.06675. */
const lionBetas = [0.9, 0.99] as const
/** Of the recipe's learning rate, which is AdamW's: the best of those measured, and in the paper's range of 3 to 10 times smaller. */
const lionShare = 0.3

/** Of gradient descent, where nobody says: what its authors' successors agree on. */
const momentum = 0.9

/** Nothing of it is of use to a recipe without gradients. */
const gradientOnly: readonly (keyof UpdateChoices)[] = [
  'optimizer',
  'optimizerStates',
  'rowShare',
  'weightDecay',
  'clipNorm',
]

/**
 * A recipe's update with what a person chose of it.
 *
 * @param base the recipe's own: AdamW
 * @throws EngineError 'request-invalid' for choices that do not go together
 */
export function resolveUpdate(
  base: GradientUpdate & { kind: 'adamw' },
  choices: UpdateChoices,
): GradientUpdate {
  const { optimizer = 'adamw', optimizerStates, rowShare, learningRate } = choices
  if (optimizerStates !== undefined && optimizer === 'sgd') {
    throw requestIssue('states-of-sgd')
  }
  if (rowShare !== undefined && optimizer !== 'grass') {
    throw requestIssue('row-share-of-others', { optimizer })
  }
  if (optimizer === 'sgd' && learningRate === undefined) {
    throw requestIssue('sgd-without-rate')
  }
  const { betas, epsilon, states } = base
  const common = {
    learningRate: learningRate ?? base.learningRate,
    schedule: resolveSchedule(base.schedule, choices),
    weightDecay: choices.weightDecay ?? base.weightDecay,
    clipNorm: choices.clipNorm ?? base.clipNorm,
  }
  const moments = { betas, epsilon, states: optimizerStates ?? states }
  switch (optimizer) {
    case 'adamw':
      return { kind: optimizer, ...common, ...moments }
    case 'grass':
      return { kind: optimizer, ...common, ...moments, rowShare: rowShare ?? defaultRowShare, refreshSteps }
    case 'lion':
      return {
        kind: optimizer,
        ...common,
        learningRate: learningRate ?? lionShare * base.learningRate,
        betas: [...lionBetas],
        states: moments.states,
      }
    case 'sgd':
      return { kind: optimizer, ...common, momentum }
  }
}

/** Whether something was chosen that only means something where there are gradients. */
export function asksForGradients(choices: UpdateChoices): boolean {
  return gradientOnly.some((name) => choices[name] !== undefined)
}

/** @throws EngineError 'request-invalid' for such a choice, but of how running means are kept: probes may have some too */
export function refuseGradientChoices(recipe: string, choices: UpdateChoices): void {
  if (!gradientOnly.some((name) => name !== 'optimizerStates' && choices[name] !== undefined)) return
  throw requestIssue('optimizer-of-probes', { recipe })
}
