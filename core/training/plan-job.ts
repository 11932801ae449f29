import { resolve } from 'node:path'
import { featureBytes } from '../engine/feature-codec.js'
import type { OpenModel } from '../engine/open-model.js'
import type { DeviceName } from '../schema/device-name.js'
import { scoredRows } from '../engine/scored-row.js'
import type { Precision } from '../schema/precision.js'
import { requestIssue } from '../schema/request-issues.js'
import { jobVersion, type TrainJob } from '../schema/job.js'
import type { FeatureFormat } from '../schema/feature-format.js'
import type { Recipe } from '../schema/recipe.js'
import { isWritten } from '../schema/score.js'
import { freezesOf } from './moving-layers.js'
import type { RunData } from './open-data.js'
import { defaultSteps, recipeTemplates } from './recipe-templates.js'
import { resolveRecipe, type RecipeChoices } from './resolve-recipe.js'
import { softPromptTokens, type SoftPromptChoices } from './soft-prompt-tokens.js'

/** What a person may choose; the rest has defaults. */
export interface JobChoices extends Omit<RecipeChoices, 'softPrompt'>, SoftPromptChoices {
  readonly date: Date
  readonly steps?: number
  readonly batchSize: number
  readonly evaluateEvery?: number
  /** Null for never. */
  readonly patience?: number | null
  readonly features?: TrainJob['features']
  /** The largest feature cache, in bytes. */
  readonly featureLimitBytes: number
  /** In what numbers a feature cache keeps states; exactly unless said. */
  readonly featureFormat?: TrainJob['featureFormat']
  /** How what enters each block is kept for exact gradients; in floats unless memory is short. */
  readonly keptStates?: TrainJob['keptStates']
  /** Tokens of one run of a block at most. */
  readonly tokensPerRun: number
  /** The most memory the process may hold. */
  readonly budgetBytes: number
  /** How much staying as the base is on the kept text of the rows counts, beside the task. */
  readonly keepWeight?: number
  /** What the run begins on; the CPU unless said. */
  readonly device?: DeviceName
  /** Of that device. */
  readonly threads?: number
  /** Lower layers that run on the processor beside that device; none unless said. */
  readonly processorLayers?: number
  /** Of the products with the matrices of blocks; float32 unless said. */
  readonly precision?: Precision
  /** Layers that are read each time; none unless said. */
  readonly streamedLayers?: number
}

/** What of an open model decides a job. */
export interface JobModel extends Pick<OpenModel, 'tokenizer' | 'sha256' | 'byteLength'> {
  readonly model: {
    readonly path: string
    readonly description: {
      readonly layerCount: number
      /** Of what enters a layer; null where none of it can be kept. */
      readonly width: number | null
    }
  }
}

/** As much as the task's own loss. */
const defaultKeepWeight = 1

/** Evaluations of a run, where nobody says how often. */
const evaluationsPerRun = 10

/** The job that the choices mean for this model and these rows. @throws EngineError 'request-invalid' */
export function planJob(choices: JobChoices, openModel: JobModel, data: RunData): TrainJob {
  const { model, sha256, byteLength } = openModel
  const recipe = resolveRecipe(withSoftPrompt(choices, openModel, data), model.description.layerCount)
  const steps = choices.steps ?? defaultSteps[recipe.estimator]
  return {
    version: jobVersion,
    date: choices.date.toISOString(),
    model: { path: resolve(model.path), sha256, byteLength },
    data: {
      ...data.job,
      path: resolve(data.job.path),
      dev: data.job.dev === null ? null : { ...data.job.dev, path: resolve(data.job.dev.path) },
    },
    task: data.task,
    recipe,
    layerChoice: null,
    score: scoreOf(choices, data),
    start: null,
    steps,
    batchSize: Math.min(choices.batchSize, data.train.dataset.examples.length),
    seed: choices.seed,
    evaluateEvery: choices.evaluateEvery ?? Math.max(1, Math.ceil(steps / evaluationsPerRun)),
    patience: choices.patience ?? null,
    tokensPerRun: choices.tokensPerRun,
    keptStates: keptStatesOf(choices, recipe),
    keepBase: keepBaseOf(choices, recipe, data),
    budgetBytes: choices.budgetBytes,
    device: choices.device ?? 'cpu',
    threads: choices.threads ?? null,
    processorLayers: choices.processorLayers ?? 0,
    precision: choices.precision ?? 'float32',
    streamedLayers: choices.streamedLayers ?? 0,
    featureFormat: choices.featureFormat ?? 'float32',
    features:
      choices.features ?? chooseFeatures({ ...choices, steps }, recipe, model.description.width, data),
  }
}

/** @throws EngineError 'request-invalid' where a score does not fit the task */
function scoreOf({ score }: JobChoices, { task }: RunData): TrainJob['score'] {
  if (score === undefined) return null
  const fitting = isWritten(score) ? 'answer' : 'labels'
  if (task.kind !== fitting) {
    throw requestIssue(isWritten(score) ? 'score-without-answers' : 'score-without-labels')
  }
  return score
}

/** @throws EngineError 'request-invalid' where a recipe keeps no states */
function keptStatesOf(
  { keptStates = 'float32' }: JobChoices,
  { name, estimator }: Recipe,
): TrainJob['keptStates'] {
  if (keptStates === 'float32' || estimator === 'gradients') return keptStates
  throw requestIssue('states-of-probes', { recipe: name })
}

/** @throws EngineError 'request-invalid' where a recipe has no gradient to add to, or a weight nothing to weigh */
function keepBaseOf({ keepWeight }: JobChoices, recipe: Recipe, { kept }: RunData): TrainJob['keepBase'] {
  if (kept === null) {
    if (keepWeight === undefined) return null
    throw requestIssue('base-without-text')
  }
  if (recipe.estimator === 'probes') {
    throw requestIssue('base-of-probes', { recipe: recipe.name })
  }
  const { path, sha256 } = kept
  return { path: resolve(path), sha256, weight: keepWeight ?? defaultKeepWeight }
}

/** The same choices with the tokens that a soft prompt begins as. @throws EngineError 'request-invalid' */
function withSoftPrompt(
  choices: JobChoices,
  { tokenizer }: JobModel,
  { train }: RunData,
): JobChoices & RecipeChoices {
  const template = recipeTemplates[choices.recipe]
  if (template.estimator === 'gradients' && template.parts.some(({ kind }) => kind === 'soft-prompt')) {
    if (choices.layers !== undefined && choices.layers !== 'auto' && choices.layers[0] > 0) {
      throw requestIssue('prompt-of-all-layers', { recipe: choices.recipe })
    }
    return { ...choices, softPrompt: softPromptTokens(choices, tokenizer, train.dataset, choices.seed) }
  }
  if (choices.promptTokens === undefined && choices.promptText === undefined) return choices
  throw requestIssue('start-without-prompt', { recipe: choices.recipe })
}

/** A cache pays when rows are seen more than once, and the file fits. */
function chooseFeatures(
  {
    steps,
    batchSize,
    featureLimitBytes,
    featureFormat = 'float32',
    score,
  }: JobChoices & { readonly steps: number },
  recipe: Recipe,
  width: number | null,
  { train, dev }: RunData,
): TrainJob['features'] {
  const { examples, objective } = train.dataset
  // What is written goes through all layers anew.
  const isSeenOnce = steps * batchSize < 1.5 * examples.length
  const freezes = freezesOf(recipe)
  const isWhole = recipe.firstLayer === 0 && freezes.length === 0
  if (isWritten(score ?? null) || isWhole || width === null || isSeenOnce) return 'direct'
  let tokens = 0
  for (const part of [examples, dev.dataset.examples]) {
    for (const example of part) for (const row of scoredRows(example, objective)) tokens += row.tokens.length
  }
  const sizes = cacheFormats(recipe, featureFormat).map((format) => featureBytes(format, tokens * width))
  // A cache that takes another's place is filled beside it.
  const largest = Math.max(...sizes.map((bytes, index) => bytes + (sizes[index - 1] ?? 0)))
  return largest <= featureLimitBytes ? 'cached' : 'direct'
}

/** Of the caches of a run, one after the other. */
function cacheFormats(recipe: Recipe, first: FeatureFormat): FeatureFormat[] {
  const formats = recipe.firstLayer === 0 ? [] : [first]
  let current = first
  for (const { featureFormat } of freezesOf(recipe)) {
    current = featureFormat ?? current
    formats.push(current)
  }
  return formats
}
