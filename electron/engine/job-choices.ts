import {
  followsMoments,
  hasRowFactors,
  movesBlockScales,
  EngineError,
  planRun,
  type OpenModel,
  type RunChoices,
  type RunData,
  type RunPlan,
} from '../../core/index.js'
import type { Choices, Preset } from '../ipc/choices.js'
import { defaultSeed } from './selections.js'

/** What a preset decides; the rest is the recipe's own. */
interface PresetChoices {
  readonly steps: Readonly<Record<'probes' | 'gradients', number>>
  /** Evaluations without a better loss before the run stops; null for never. */
  readonly patience: number | null
}

/** Exact gradients need about a tenth of the steps that forward passes need. */
const presets: Readonly<Record<Preset, PresetChoices>> = {
  quick: { steps: { probes: 300, gradients: 40 }, patience: null },
  balanced: { steps: { probes: 1000, gradients: 100 }, patience: 5 },
  careful: { steps: { probes: 4000, gradients: 300 }, patience: 5 },
}

const defaultBatchSize = 16
/** The largest file of hidden states. */
const featureLimitBytes = 2e9

/** A plan, and whether it is within the person's budget. */
export interface FittedPlan extends RunPlan {
  readonly exceeds: boolean
}

/**
 * The job that the choices mean. Where nothing fits the budget, the smallest one, marked.
 *
 * @throws EngineError 'request-invalid'
 */
export function planChoices(choices: Choices, date: Date, model: OpenModel, data: RunData): FittedPlan {
  const planWithin = (budgetBytes: number): RunPlan => {
    const wanted = runChoices({ ...choices, budgetBytes }, date)
    // The recipe decides how many steps a preset means, and only the plan knows the recipe.
    const first = planRun(wanted, model, data)
    if (wanted.steps !== undefined) return first
    const steps = presets[choices.preset].steps[first.job.recipe.estimator]
    return {
      ...planRun({ ...wanted, recipe: first.job.recipe.name, steps }, model, data),
      reason: first.reason,
    }
  }
  try {
    return { ...planWithin(choices.budgetBytes), exceeds: false }
  } catch (thrown) {
    if (!(thrown instanceof EngineError) || thrown.code !== 'memory-budget-exceeded') throw thrown
    const { requiredBytes } = thrown.details as { readonly requiredBytes: number }
    return { ...planWithin(requiredBytes), exceeds: true }
  }
}

/** Choices of the page as the core takes them: what is null there is left out here. */
function runChoices(choices: Choices, date: Date): RunChoices {
  const { preset, recipe, steps, batchSize, learningRate, perturbationScale, layers } = choices
  const { evaluateEvery, patience, features, precision, seed, budgetBytes, keepBase } = choices
  return {
    date,
    recipe,
    batchSize: batchSize ?? defaultBatchSize,
    seed: seed ?? defaultSeed,
    featureLimitBytes,
    budgetBytes: Math.max(1, Math.floor(budgetBytes)),
    patience: patience === null ? presets[preset].patience : patience === 0 ? null : patience,
    ...(steps !== null && { steps }),
    ...(learningRate !== null && { learningRate }),
    ...(perturbationScale !== null && { perturbationScale }),
    ...layerChoices(layers, recipe),
    ...(evaluateEvery !== null && { evaluateEvery }),
    ...(features !== null && { features }),
    ...(precision !== null && { precision }),
    ...(keepBase !== null && { keepWeight: keepBase.weight }),
    ...partChoices(choices),
  }
}

/** A range of layers; probing chooses them for forward passes only. */
function layerChoices(layers: Choices['layers'], recipe: Choices['recipe']): Pick<RunChoices, 'layers'> {
  if (layers === null) return {}
  if (layers === 'auto') return recipe.startsWith('exact') ? {} : { layers }
  return { layers: [layers.first, layers.last] }
}

/** Choices that only some recipes have; those of another recipe, made before it was changed, wait. */
function partChoices(choices: Choices): Partial<RunChoices> {
  const { recipe, hasColumns, keptStates, rank, alpha, hasZeroPoints, bits, trainsGrid } = choices
  const { softRounding, tokenShare, linears, isRankStabilized, promptTokens, promptText } = choices
  const isExact = recipe.startsWith('exact')
  const isRounded = recipe === 'exact-qat' || recipe === 'zeroqat'
  const hasBranches = recipe === 'exact-lora' || recipe === 'eggroll'
  const choosesLinears = isRounded || hasBranches || recipe === 'quzo' || recipe === 'qes'
  return {
    ...(hasFactors(recipe) && hasColumns !== null && { hasColumns }),
    ...(isExact && keptStates !== null && { keptStates }),
    ...(isExact ? updateChoices(choices) : probeChoices(choices)),
    ...(choosesLinears && linears !== null && { linears }),
    ...(hasBranches && rank !== null && { rank }),
    ...(hasBranches && alpha !== null && { alpha }),
    ...(hasBranches && isRankStabilized !== null && { isRankStabilized }),
    ...(recipe === 'exact-scales' && hasZeroPoints !== null && { hasZeroPoints }),
    ...(isRounded && bits !== null && { bits }),
    ...(recipe === 'exact-qat' && trainsGrid !== null && { trainsGrid }),
    ...(recipe === 'exact-qat' && softRounding !== null && { softRounding }),
    ...((recipe === 'exact-qat' || recipe === 'exact-scales') && tokenShare !== null && { tokenShare }),
    ...(recipe === 'exact-prompt' && promptText === null && promptTokens !== null && { promptTokens }),
    ...(recipe === 'exact-prompt' && promptText !== null && { promptText }),
  }
}

/** What the budget chooses has row factors. */
function hasFactors(recipe: Choices['recipe']): boolean {
  return recipe === 'auto' || hasRowFactors(recipe)
}

/** How forward passes become a step. */
function probeChoices(choices: Choices): Partial<RunChoices> {
  const { recipe, probing, queries, directions, layerShare, stepRule, moments, spectral } = choices
  const { optimizerStates, score, magnitudeEvery } = choices
  const isUsual = recipe !== 'auto' && followsMoments(recipe)
  const movesMatrices = recipe !== 'auto' && movesBlockScales(recipe)
  const hasMoments = moments === null ? isUsual : moments !== 'none'
  return {
    ...(probing !== null && { probing }),
    ...(queries !== null && { queries }),
    ...(movesMatrices && directions !== null && { directions }),
    ...(movesMatrices && spectral !== null && { spectral }),
    ...(layerShare !== null && { layerShare }),
    ...(stepRule !== null && { stepRule }),
    ...(moments !== null && { moments }),
    ...(magnitudeEvery !== null && { magnitudeEvery }),
    ...(hasMoments && optimizerStates !== null && { optimizerStates }),
    ...(score !== null && { score }),
  }
}

/** How exact gradients become a step; what the chosen optimizer has not, waits. */
function updateChoices(choices: Choices): Partial<RunChoices> {
  const { optimizer, optimizerStates, rowShare, schedule, warmUpShare, weightDecay, clipNorm } = choices
  return {
    ...(optimizer !== null && { optimizer }),
    ...(optimizer !== 'sgd' && optimizerStates !== null && { optimizerStates }),
    ...(optimizer === 'grass' && rowShare !== null && { rowShare }),
    ...(schedule !== null && { schedule }),
    ...(warmUpShare !== null && { warmUpShare }),
    ...(weightDecay !== null && { weightDecay }),
    ...(clipNorm !== null && { clipNorm }),
  }
}
