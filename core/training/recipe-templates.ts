import { linearNames } from '../model/description.js'
import type { GradientUpdate } from '../schema/gradient-update.js'
import { plainProbing, usualProbings } from '../schema/probing.js'
import { usualDirections } from '../schema/probe-directions.js'
import { usualMagnitudes } from '../schema/layer-magnitudes.js'
import { usualMoments } from '../schema/probe-moments.js'
import { usualSpectral } from '../schema/spectral-step.js'
import type { GradientRecipe, ProbeRecipe, Recipe, RecipeName } from '../schema/recipe.js'

/** A recipe before it knows its model. */
export type RecipeTemplate = ProbeTemplate | GradientTemplate
export type ProbeTemplate = Omit<ProbeRecipe, 'firstLayer' | 'endLayer'>
export type GradientTemplate = Omit<GradientRecipe, 'firstLayer' | 'endLayer' | 'update'> & {
  readonly update: GradientUpdate & { kind: 'adamw' }
}

/** AdamW with the usual betas, its learning rate falling evenly to 0. */
function adamw(learningRate: number): GradientTemplate['update'] {
  return {
    kind: 'adamw',
    learningRate,
    schedule: { kind: 'linear', warmUpShare: 0, finalShare: 0 },
    weightDecay: 0,
    clipNorm: null,
    betas: [0.9, 0.999],
    epsilon: 1e-8,
    states: 'fp32',
  }
}

const fallingToTenth = { kind: 'linear', warmUpShare: 0, finalShare: 0.1 } as const
/** Both sides of every layer, along one direction. */
const plain = {
  probing: plainProbing,
  directions: usualDirections.independent,
  layerShare: 1,
  moments: null,
  spectral: null,
  magnitudes: null,
} as const
const constant = { kind: 'constant', warmUpShare: 0 } as const

/** Queries and values, which ZeroQAT trains in its light variant, arXiv:2509.00031. */
export const lightMaster = { bits: 4, linears: ['attn_q', 'attn_v'] } satisfies ProbeRecipe['master']

/** The codes of every linear, as QuZO rounds their steps. */
export const allCodes = {
  linears: [...linearNames],
  rounding: { kind: 'stochastic' },
} satisfies ProbeRecipe['codes']

/** Low-rank branches as LoRA has them, arXiv:2106.09685: queries and values, rank 8. */
export const usualBranches = {
  kind: 'low-rank',
  rank: 8,
  alpha: 16,
  isRankStabilized: false,
  linears: ['attn_q', 'attn_v'],
  seed: 0,
} satisfies ProbeRecipe['branches']

/** Factors on rows, each row of a batch along a direction of its own, by normalised steps. */
const onRows = {
  estimator: 'probes',
  parameters: 'row-factors',
  ...plain,
  perturbationScale: 0.03,
  update: {
    kind: 'normalized',
    learningRate: 0.01,
    schedule: fallingToTenth,
    clipDifference: null,
    clipRatio: 3,
    smoothing: 0.95,
  },
} as const satisfies Omit<ProbeTemplate, 'name'>

/** All block scales as log-scales, by normalised steps: what the published ways of probing are put on here. */
const onScales = {
  estimator: 'probes',
  parameters: 'block-scales',
  ...plain,
  perturbationScale: 0.03,
  update: {
    kind: 'normalized',
    learningRate: 0.008,
    schedule: fallingToTenth,
    clipDifference: 0.2,
    clipRatio: 1e6,
    smoothing: 0.98,
  },
} as const satisfies Omit<ProbeTemplate, 'name'>

/** Codes, by normalised steps in place of the published ones, whose learning rates are for other models. */
const onCodes = {
  estimator: 'probes',
  parameters: 'codes',
  ...plain,
  perturbationScale: 1 / 8,
} as const satisfies Partial<ProbeTemplate>

/** The named recipes with the settings that were measured or published for them. */
export const recipeTemplates: Readonly<
  Record<ProbeRecipe['name'], ProbeTemplate> & Record<GradientRecipe['name'], GradientTemplate>
> = {
  'exact-rows': {
    estimator: 'gradients',
    name: 'exact-rows',
    parts: [{ kind: 'factors', hasColumns: false }],
    tokenShare: 1,
    update: adamw(0.01),
  },
  'exact-lora': {
    estimator: 'gradients',
    name: 'exact-lora',
    parts: [usualBranches],
    tokenShare: 1,
    update: adamw(0.002),
  },
  'exact-scales': {
    estimator: 'gradients',
    name: 'exact-scales',
    parts: [{ kind: 'scales' }],
    tokenShare: 1,
    update: adamw(0.005),
  },
  'exact-all': {
    estimator: 'gradients',
    name: 'exact-all',
    parts: [{ kind: 'factors', hasColumns: false }, { kind: 'norms' }, { kind: 'biases' }],
    tokenShare: 1,
    update: adamw(0.01),
  },
  // Queries and values, as the light variant of ZeroQAT, arXiv:2509.00031; a step is at most so many codes.
  'exact-qat': {
    estimator: 'gradients',
    name: 'exact-qat',
    parts: [
      {
        kind: 'master-weights',
        bits: 4,
        linears: ['attn_q', 'attn_v'],
        trainsGrid: false,
        softRounding: null,
      },
    ],
    tokenShare: 1,
    update: adamw(0.03),
  },
  // Prompt tuning, arXiv:2104.08691; its tokens are chosen with the rows.
  'exact-prompt': {
    estimator: 'gradients',
    name: 'exact-prompt',
    parts: [{ kind: 'soft-prompt', tokens: [] }],
    tokenShare: 1,
    update: adamw(0.1),
  },
  'qzo-rows': { ...onRows, name: 'qzo-rows' },
  qzo: { ...onScales, name: 'qzo' },
  // QZO, arXiv:2505.13430, table of settings and released code.
  'qzo-paper': {
    estimator: 'probes',
    name: 'qzo-paper',
    parameters: 'raw-scales',
    ...plain,
    perturbationScale: 1e-3,
    update: { kind: 'projected', learningRate: 1e-7, schedule: constant, clipGradient: 100 },
  },
  // ZeroQAT, arXiv:2509.00031, table C.1, fine-tuning.
  zeroqat: {
    estimator: 'probes',
    name: 'zeroqat',
    parameters: 'master-weights',
    ...plain,
    master: lightMaster,
    perturbationScale: 1e-3,
    update: { kind: 'projected', learningRate: 1e-6, schedule: constant, clipGradient: 1e6 },
  },
  // QuZO, arXiv:2502.12346; a step moves a thousandth of the codes.
  quzo: {
    ...onCodes,
    name: 'quzo',
    codes: allCodes,
    update: { ...onRows.update, learningRate: 0.001 },
  },
  // QES, arXiv:2602.03120, which forgets a tenth of what is left at every step, of 50 probes there and 2 here.
  qes: {
    ...onCodes,
    name: 'qes',
    codes: { ...allCodes, rounding: { kind: 'error-feedback', decay: 1 } },
    update: { ...onRows.update, learningRate: 0.2 },
  },
  // FZOO, arXiv:2506.09034: eight directions on one side; here on log-scales, less the mean of the others' losses.
  fzoo: {
    ...onScales,
    name: 'fzoo',
    probing: usualProbings['one-sided'],
    update: { kind: 'spread', learningRate: 0.04, schedule: fallingToTenth },
  },
  // KerZOO, arXiv:2505.18886, in the mode that its authors recommend: shares of half the probe's size, shrinking.
  kerzoo: {
    ...onScales,
    name: 'kerzoo',
    probing: usualProbings.kernel,
  },
  // 1.5-SPSA: curvature from the loss at the state itself.
  'spsa-curvature': {
    ...onScales,
    name: 'spsa-curvature',
    probing: usualProbings.curvature,
  },
  // LeZO, arXiv:2410.09823: a quarter of the layers at a time.
  lezo: { ...onScales, name: 'lezo', layerShare: 0.25 },
  // PeZO, arXiv:2504.20314: a pool of 2^12 numbers, stored before.
  pezo: { ...onScales, name: 'pezo', directions: usualDirections.pool },
  // LOZO, arXiv:2410.07698, within its settings: rank 2, kept for 50 steps.
  lozo: { ...onScales, name: 'lozo', directions: usualDirections['low-rank'] },
  // ZO-Muon, arXiv:2602.17155: four directions in a subspace that stays for 100 steps; here less the mean of the others'
  // losses, and as far in all as qzo goes within the same passes.
  'zo-muon': {
    ...onScales,
    name: 'zo-muon',
    probing: { ...usualProbings['one-sided'], queries: 4 },
    directions: { kind: 'low-rank', rank: 8, interval: 100 },
    update: { kind: 'spread', learningRate: 0.017, schedule: fallingToTenth },
    spectral: usualSpectral['newton-schulz'],
  },
  // The learning rate stays, since the running mean moves as far in the end.
  'qzo-rows-momentum': { ...onRows, name: 'qzo-rows-momentum', moments: usualMoments.momentum },
  'qzo-rows-adam': { ...onRows, name: 'qzo-rows-adam', moments: usualMoments.adam },
  // DiZO, arXiv:2502.03304, with its own settings, on row factors.
  dizo: { ...onRows, name: 'dizo', magnitudes: usualMagnitudes },
  // EGGROLL, arXiv:2511.16652, on branches beside queries and values.
  eggroll: {
    ...onRows,
    name: 'eggroll',
    parameters: 'low-rank-branches',
    branches: usualBranches,
    update: { ...onRows.update, learningRate: 0.03 },
  },
}

/** Whether every row of a batch has a direction of its own, and both sides run in one batch: where factors or branches are probed. */
export function hasOwnDirections({ parameters }: Pick<ProbeTemplate, 'parameters'>): boolean {
  return ['row-factors', 'row-and-column-factors', 'low-rank-branches'].includes(parameters)
}

/** Whether a recipe trains factors on rows, which factors on columns can stand beside. */
export function hasRowFactors(name: RecipeName): boolean {
  const template = recipeTemplates[name]
  return template.estimator === 'probes'
    ? template.parameters === 'row-factors'
    : template.parts.some(({ kind }) => kind === 'factors')
}

/** Whether a recipe by forward passes moves block scales as logarithms, whose directions can be of several kinds. */
export function movesBlockScales(name: RecipeName): boolean {
  const template = recipeTemplates[name]
  return template.estimator === 'probes' && template.parameters === 'block-scales'
}

/** Whether the steps of a recipe by forward passes follow running means. */
export function followsMoments(name: RecipeName): boolean {
  const template = recipeTemplates[name]
  return template.estimator === 'probes' && template.moments !== null
}

/** Steps of a run, where nobody says how many: exact gradients need far fewer. */
export const defaultSteps: Readonly<Record<Recipe['estimator'], number>> = { probes: 1000, gradients: 100 }

/** The layers a recipe trains unless told: the upper half where rows have directions of their own, all of them as published otherwise. */
export function defaultLayers(
  name: RecipeName,
  layerCount: number,
): { firstLayer: number; endLayer: number } {
  const template = recipeTemplates[name]
  const isUpperHalf = template.estimator === 'probes' && hasOwnDirections(template)
  return { firstLayer: isUpperHalf ? Math.floor(layerCount / 2) : 0, endLayer: layerCount }
}
