import { basename } from 'node:path'
import { formOf, type TrainJob } from '../../core/index.js'
import type { RunSettings } from '../ipc/choices.js'

/** Every setting of a job as the page shows it. */
export function settingsOf(job: TrainJob, layerCount: number): RunSettings {
  const { recipe, steps, batchSize, evaluateEvery, patience, features, precision, seed, data } = job
  const earlier = job.start !== null && 'recipe' in job.start ? job.start : null
  return {
    recipe: recipe.name,
    steps,
    batchSize,
    learningRate: recipe.update.learningRate,
    perturbationScale: recipe.estimator === 'probes' ? recipe.perturbationScale : null,
    firstLayer: recipe.firstLayer,
    lastLayer: recipe.endLayer - 1,
    layerCount,
    hasColumns: hasColumns(recipe),
    evaluateEvery,
    patience,
    features,
    precision,
    seed,
    maximumTokens: data.maximumTokens,
    ...partSettings(recipe),
    ...updateSettings(recipe),
    ...probeSettings(recipe),
    keptStates: recipe.estimator === 'gradients' ? job.keptStates : null,
    score: job.score === null ? null : formOf(job.score),
    startRecipe: earlier?.recipe ?? null,
    startStep: earlier?.step ?? null,
    keepText: job.keepBase === null ? null : basename(job.keepBase.path),
    keepWeight: job.keepBase?.weight ?? null,
  }
}

type PartName =
  | 'rank'
  | 'alpha'
  | 'hasZeroPoints'
  | 'bits'
  | 'trainsGrid'
  | 'softRounding'
  | 'tokenShare'
  | 'linears'
  | 'isRankStabilized'
  | 'promptTokens'

/** What is chosen of the parts of some recipes; null where they have none. */
function partSettings(recipe: TrainJob['recipe']): Pick<RunSettings, PartName> {
  const parts = recipe.estimator === 'gradients' ? recipe.parts : []
  const master = parts.find((part) => part.kind === 'master-weights')
  const prompt = parts.find((part) => part.kind === 'soft-prompt')
  const hasScales = parts.some(({ kind }) => kind === 'scales')
  const { master: probed, codes, branches: ofProbes } = recipe.estimator === 'probes' ? recipe : {}
  const branches = parts.find((part) => part.kind === 'low-rank') ?? ofProbes
  return {
    rank: branches?.rank ?? null,
    alpha: branches?.alpha ?? null,
    hasZeroPoints: hasScales ? parts.some(({ kind }) => kind === 'zero-points') : null,
    bits: master?.bits ?? probed?.bits ?? null,
    trainsGrid: master?.trainsGrid ?? null,
    softRounding: master?.softRounding ?? null,
    tokenShare:
      recipe.estimator === 'gradients' && (hasScales || master !== undefined) ? recipe.tokenShare : null,
    linears: (branches ?? master ?? probed ?? codes)?.linears.join(', ') ?? null,
    isRankStabilized: branches?.isRankStabilized ?? null,
    promptTokens: prompt?.tokens.length ?? null,
  }
}

type UpdateName =
  'optimizer' | 'optimizerStates' | 'rowShare' | 'schedule' | 'warmUpShare' | 'weightDecay' | 'clipNorm'

/** How exact gradients become a step; null where there are none. */
function updateSettings(recipe: TrainJob['recipe']): Pick<RunSettings, UpdateName> {
  const update = recipe.estimator === 'gradients' ? recipe.update : null
  return {
    optimizer: update?.kind ?? null,
    optimizerStates: statesOf(recipe),
    rowShare: update?.kind === 'grass' ? update.rowShare : null,
    schedule: update?.schedule.kind ?? null,
    warmUpShare: update?.schedule.warmUpShare ?? null,
    weightDecay: update?.weightDecay ?? null,
    clipNorm: update?.clipNorm ?? null,
  }
}

/** How running means are kept; null where there are none. */
function statesOf(recipe: TrainJob['recipe']): RunSettings['optimizerStates'] {
  if (recipe.estimator === 'probes') return recipe.moments?.states ?? null
  return recipe.update.kind === 'sgd' ? null : recipe.update.states
}

type ProbeSettingName =
  'probing' | 'queries' | 'directions' | 'layerShare' | 'stepRule' | 'moments' | 'spectral' | 'magnitudeEvery'

/** How forward passes become a step; null where there are exact gradients. */
function probeSettings(recipe: TrainJob['recipe']): Pick<RunSettings, ProbeSettingName> {
  if (recipe.estimator === 'gradients') {
    return {
      probing: null,
      queries: null,
      directions: null,
      layerShare: null,
      stepRule: null,
      moments: null,
      spectral: null,
      magnitudeEvery: null,
    }
  }
  const { parameters, probing, directions, layerShare, update, moments, spectral, magnitudes } = recipe
  const movesMatrices = parameters === 'block-scales'
  return {
    probing: probing.kind,
    queries: probing.queries,
    directions: movesMatrices ? directions.kind : null,
    layerShare,
    stepRule: update.kind,
    moments: moments?.kind ?? 'none',
    spectral: movesMatrices ? (spectral?.kind ?? 'none') : null,
    magnitudeEvery: magnitudes?.interval ?? 0,
  }
}

function hasColumns(recipe: TrainJob['recipe']): boolean {
  if (recipe.estimator === 'probes') return recipe.parameters === 'row-and-column-factors'
  return recipe.parts.some((part) => part.kind === 'factors' && part.hasColumns)
}
