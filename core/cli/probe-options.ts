import { Option, type Command } from 'commander'
import { signsOfPattern } from '../random/sign-patterns.js'
import { probeDirectionKinds } from '../schema/probe-directions.js'
import { probeMomentKinds } from '../schema/probe-moments.js'
import { probeUpdateKinds } from '../schema/probe-update.js'
import { probingKinds } from '../schema/probing.js'
import { spectralKinds } from '../schema/spectral-step.js'
import type { ProbeChoices } from '../training/resolve-probes.js'
import { integer, layerFreezes, positiveNumber, share } from './option-values.js'

/** How forward passes become a step. */
export interface ProbeOptions {
  readonly perturbation?: number
  readonly probing?: ProbeChoices['probing']
  readonly queries?: number
  readonly directions?: ProbeChoices['directions']
  readonly directionRank?: number
  readonly basisSteps?: number
  readonly layerShare?: number
  readonly freezeAt?: ProbeChoices['freezes']
  readonly stepRule?: ProbeChoices['stepRule']
  readonly magnitudeEvery?: number
  readonly moments?: ProbeChoices['moments']
  readonly spectral?: ProbeChoices['spectral']
}

/** Adds the flags that say how forward passes become a step. */
export function withProbeOptions(command: Command): Command {
  return command
    .option('--perturbation <x>', "size of a probe, instead of the recipe's own", positiveNumber)
    .addOption(
      new Option('--probing <kind>', "where losses are measured, instead of the recipe's own").choices(
        probingKinds,
      ),
    )
    .option(
      '--queries <n>',
      'directions of a step that all rows share (default: 1; one-sided: 8)',
      integer(1),
    )
    .addOption(
      new Option(
        '--directions <kind>',
        "what directions are made of, where block scales move, instead of the recipe's own",
      ).choices(probeDirectionKinds),
    )
    .option('--direction-rank <n>', 'rank of low-rank directions (default: 2)', integer(1, signsOfPattern))
    .option(
      '--basis-steps <n>',
      'steps that low-rank directions keep their columns (default: 50)',
      integer(1),
    )
    .option('--layer-share <x>', 'share of the layers that a step moves, chosen anew each time', share)
    .option(
      '--freeze-at <list>',
      'after so many steps, layers below one stay as they are, and hidden states there are kept: 200:10, or 200:10,400:20:int8 with fewer bits from then on',
      layerFreezes,
    )
    .addOption(
      new Option('--step-rule <kind>', "how losses become a step, instead of the recipe's own").choices(
        probeUpdateKinds,
      ),
    )
    .option(
      '--magnitude-every <n>',
      'steps between searches of how far each layer should be from its start (dizo: 50; 0: never)',
      integer(0),
    )
    .addOption(
      new Option(
        '--moments <kind>',
        "running means that steps by probes follow, instead of the recipe's own",
      ).choices(probeMomentKinds),
    )
    .addOption(
      new Option(
        '--spectral <kind>',
        "how steps of block scales are evened out over singular directions, instead of the recipe's own",
      ).choices(spectralKinds),
    )
}

/** The choices that the flags are. */
export function probeChoices(options: ProbeOptions): ProbeChoices {
  return {
    ...(options.perturbation !== undefined && { perturbationScale: options.perturbation }),
    ...(options.probing !== undefined && { probing: options.probing }),
    ...(options.queries !== undefined && { queries: options.queries }),
    ...(options.directions !== undefined && { directions: options.directions }),
    ...(options.directionRank !== undefined && { directionRank: options.directionRank }),
    ...(options.basisSteps !== undefined && { basisSteps: options.basisSteps }),
    ...(options.layerShare !== undefined && { layerShare: options.layerShare }),
    ...(options.freezeAt !== undefined && { freezes: options.freezeAt }),
    ...(options.stepRule !== undefined && { stepRule: options.stepRule }),
    ...(options.magnitudeEvery !== undefined && { magnitudeEvery: options.magnitudeEvery }),
    ...(options.moments !== undefined && { moments: options.moments }),
    ...(options.spectral !== undefined && { spectral: options.spectral }),
  }
}
