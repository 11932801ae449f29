import type { CodeRounding } from '../schema/code-rounding.js'
import type { LayerMagnitudes } from '../schema/layer-magnitudes.js'
import type { ProbeDirections } from '../schema/probe-directions.js'
import type { ProbeMoments } from '../schema/probe-moments.js'
import type { ProbeUpdate } from '../schema/probe-update.js'
import type { Probing } from '../schema/probing.js'
import type { SpectralStep } from '../schema/spectral-step.js'
import type { RecipeName } from '../schema/recipe.js'
import type { TrainedPartSettings } from '../schema/trained-part.js'
import { passesOf } from '../training/estimate.js'
import {
  hasOwnDirections,
  type GradientTemplate,
  type ProbeTemplate,
  type RecipeTemplate,
} from '../training/recipe-templates.js'

/** Where a recipe comes from. */
const sources: Readonly<Record<RecipeName, string>> = {
  'exact-rows': 'ours; backward pass block by block, AdamW',
  'exact-lora': 'LoRA, arXiv:2106.09685',
  'exact-scales': 'learned step sizes as LSQ, arXiv:1902.08153',
  'exact-all': 'ours, as exact-rows',
  'exact-qat': 'straight-through rounding; first-order counterpart of ZeroQAT, arXiv:2509.00031',
  'exact-prompt': 'prompt tuning, arXiv:2104.08691',
  'qzo-rows': 'directions an example as GRZO, arXiv:2606.02857; normalised steps as MEAZO, arXiv:2605.03869',
  qzo: 'QZO, arXiv:2505.13430, on log-scales with normalised steps',
  'qzo-paper': 'QZO as published, arXiv:2505.13430',
  zeroqat: 'ZeroQAT, light variant, arXiv:2509.00031',
  fzoo: 'FZOO, arXiv:2506.09034, on log-scales; leave-one-out baseline',
  kerzoo: 'KerZOO, arXiv:2505.18886, on log-scales with normalised steps',
  'spsa-curvature': '1.5-SPSA, on log-scales with normalised steps',
  quzo: 'QuZO, arXiv:2502.12346, with normalised steps',
  qes: 'QES, arXiv:2602.03120, with normalised steps; what is left is kept, not replayed',
  lezo: 'LeZO, arXiv:2410.09823, on log-scales with normalised steps',
  pezo: 'PeZO, arXiv:2504.20314, on log-scales with normalised steps',
  lozo: 'LOZO, arXiv:2410.07698, on log-scales with normalised steps',
  'zo-muon': 'ZO-Muon, arXiv:2602.17155, on log-scales; leave-one-out baseline',
  'qzo-rows-momentum': 'as qzo-rows; momentum, Polyak 1964',
  eggroll: 'EGGROLL, arXiv:2511.16652, on LoRA branches, with normalised steps',
  dizo: 'DiZO, arXiv:2502.03304, on row factors as qzo-rows',
  'qzo-rows-adam': 'as qzo-rows; Adam, arXiv:1412.6980, as ZO-Adam',
}

/** A recipe in words: what moves, how its slope is found, how a step follows, and where that comes from. */
export interface RecipeWords {
  readonly moves: string
  readonly slope: string
  readonly step: string
  readonly source: string
}

export function recipeWords(template: RecipeTemplate): RecipeWords {
  const source = sources[template.name]
  return template.estimator === 'gradients'
    ? { ...gradientWords(template), source }
    : { ...probeWords(template), source }
}

function gradientWords({ parts, update }: GradientTemplate): Omit<RecipeWords, 'source'> {
  return {
    moves: parts.map(partWords).join(', '),
    slope: 'exact gradients, block by block: about 3 forward passes a step',
    step: `${update.kind}, learning rate ${rateWords(update)}`,
  }
}

function partWords(part: TrainedPartSettings): string {
  switch (part.kind) {
    case 'factors':
      return part.hasColumns ? 'factors on rows and block columns' : 'a factor on each row of the linears'
    case 'scales':
      return 'block scales'
    case 'zero-points':
      return 'zero points'
    case 'norms':
      return 'norms'
    case 'biases':
      return 'biases'
    case 'low-rank':
      return `branches of rank ${part.rank} on ${part.linears.join(', ')}`
    case 'soft-prompt':
      return 'vectors before every text'
    case 'master-weights':
      return `weights of ${part.linears.join(', ')}, rounded to ${part.bits} bits`
  }
}

const moved: Readonly<Record<ProbeTemplate['parameters'], string>> = {
  'row-factors': 'a factor on each row of the linears',
  'row-and-column-factors': 'factors on rows and block columns',
  'block-scales': 'block scales, as logarithms',
  'raw-scales': 'block scales',
  'master-weights': 'weights of attn_q, attn_v, rounded to 4 bits',
  codes: 'the codes themselves, in whole numbers',
  'low-rank-branches': 'low-rank branches',
}

function probeWords(template: ProbeTemplate): Omit<RecipeWords, 'source'> {
  const { parameters, probing, directions, layerShare, update, moments, spectral, magnitudes } = template
  const direction = hasOwnDirections(template)
    ? 'along a direction of its own for every row'
    : directionWords(probing, directions)
  const layers = layerShare === 1 ? '' : `, in ${Math.round(layerShare * 100)} % of the layers at a time`
  return {
    moves: `${template.branches === undefined ? moved[parameters] : partWords(template.branches)}${roundingWords(template.codes?.rounding)}`,
    slope: `${sideWords(probing)} ${direction}${layers}: ${passesOf(probing)} forward passes a step`,
    step: `${stepWords(update)}${momentWords(moments)}${spectralWords(spectral)}${magnitudeWords(magnitudes)}, learning rate ${rateWords(update)}`,
  }
}

function directionWords({ queries }: Probing, directions: ProbeDirections): string {
  const along = queries === 1 ? 'along one direction' : `along ${queries} directions`
  switch (directions.kind) {
    case 'independent':
      return along
    case 'pool':
      return `${along} out of a pool of ${directions.size} numbers`
    case 'low-rank':
      return `${along} of rank ${directions.rank}, whose columns stay for ${directions.interval} steps`
  }
}

function sideWords(probing: Probing): string {
  switch (probing.kind) {
    case 'two-point':
      return 'losses on both sides'
    case 'one-sided':
      return `losses on one side, less ${probing.baseline === 'clean' ? 'the one at the state' : 'the mean of the others'},`
    case 'curvature':
      return 'losses on both sides and at the state, less far where they curve,'
    case 'kernel':
      return `losses on both sides at a random distance, weighed by a ${probing.kernel} kernel,`
  }
}

function stepWords(update: ProbeUpdate): string {
  switch (update.kind) {
    case 'normalized':
      return 'divided by their running size'
    case 'projected':
      return `as long as the slope, up to ${update.clipGradient}`
    case 'sign':
      return 'of one length, by sign'
    case 'spread':
      return 'divided by the spread of the losses'
  }
}

function roundingWords(rounding: CodeRounding | undefined): string {
  switch (rounding?.kind) {
    case undefined:
      return ''
    case 'stochastic':
      return ', by steps that are rounded at random'
    case 'error-feedback':
      return `, by steps that are rounded to the nearest, what is left going into the next${rounding.decay === 1 ? '' : ` by ${rounding.decay}`}`
  }
}

function momentWords(moments: ProbeMoments | null): string {
  switch (moments?.kind) {
    case undefined:
      return ''
    case 'momentum':
      return `, along their running mean of weight ${moments.beta}`
    case 'adam':
      return `, along their running mean over their running size, number by number (${moments.betas.join(', ')})`
  }
}

function spectralWords(spectral: SpectralStep | null): string {
  switch (spectral?.kind) {
    case undefined:
      return ''
    case 'newton-schulz':
      return `, evened out over singular directions by ${spectral.rounds} rounds of Newton and Schulz`
    case 'power-iteration':
      return `, evened out over the ${spectral.rank} largest singular directions`
  }
}

function magnitudeWords(magnitudes: LayerMagnitudes | null): string {
  if (magnitudes === null) return ''
  const { interval, iterations } = magnitudes
  return `, every ${interval} of them the distance of each layer from its start by ${2 * iterations} passes more`
}

function rateWords({ learningRate, schedule }: Pick<ProbeUpdate, 'learningRate' | 'schedule'>): string {
  switch (schedule.kind) {
    case 'constant':
      return `${learningRate}, constant`
    case 'linear':
    case 'cosine':
      return `${learningRate}, ${schedule.kind} to ${schedule.finalShare === 0 ? '0' : `${schedule.finalShare * 100} %`}`
  }
}
