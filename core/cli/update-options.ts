import { Option, type Command } from 'commander'
import { gradientUpdate, momentStates } from '../schema/gradient-update.js'
import { learningRateSchedule } from '../schema/learning-rate-schedule.js'
import type { UpdateChoices } from '../training/resolve-update.js'
import { nonNegativeNumber, positiveNumber, share } from './option-values.js'

/** How exact gradients become a step. */
export interface UpdateOptions {
  readonly learningRate?: number
  readonly optimizer?: UpdateChoices['optimizer']
  readonly optimizerStates?: UpdateChoices['optimizerStates']
  readonly rowShare?: number
  readonly schedule?: UpdateChoices['schedule']
  readonly warmUp?: number
  readonly weightDecay?: number
  readonly clipNorm?: number
}

/** Adds the flags that say how exact gradients become a step. */
export function withUpdateOptions(command: Command): Command {
  return command
    .option('--learning-rate <x>', "instead of the recipe's own", positiveNumber)
    .addOption(
      new Option('--optimizer <name>', 'of exact gradients (default: adamw)').choices(
        gradientUpdate.options.map(({ shape }) => shape.kind.value),
      ),
    )
    .addOption(
      new Option(
        '--optimizer-states <form>',
        'how adamw, grass, lion and --moments keep running means (default: fp32); solo is 4 and 2 bits',
      ).choices(momentStates.options),
    )
    .option('--row-share <x>', 'grass: rows of a matrix that move at a time (default: 0.25)', share)
    .addOption(
      new Option('--schedule <kind>', 'of the learning rate (default: linear, to 0)').choices(
        learningRateSchedule.options.map(({ shape }) => shape.kind.value),
      ),
    )
    .option('--warm-up <share>', 'share of the steps in which the learning rate rises (default: 0)', share)
    .option(
      '--weight-decay <x>',
      'taken off trained numbers, per learning rate (default: 0)',
      nonNegativeNumber,
    )
    .option('--clip-norm <x>', 'longest gradient of a step (default: any)', positiveNumber)
}

/** The choices that the flags are. */
export function updateChoices(options: UpdateOptions): UpdateChoices {
  return {
    ...(options.learningRate !== undefined && { learningRate: options.learningRate }),
    ...(options.optimizer !== undefined && { optimizer: options.optimizer }),
    ...(options.optimizerStates !== undefined && { optimizerStates: options.optimizerStates }),
    ...(options.rowShare !== undefined && { rowShare: options.rowShare }),
    ...(options.schedule !== undefined && { schedule: options.schedule }),
    ...(options.warmUp !== undefined && { warmUpShare: options.warmUp }),
    ...(options.weightDecay !== undefined && { weightDecay: options.weightDecay }),
    ...(options.clipNorm !== undefined && { clipNorm: options.clipNorm }),
  }
}
