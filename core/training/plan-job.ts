import { resolve } from 'node:path'
import type { OpenModel } from '../engine/open-model.js'
import { scoredRows } from '../engine/scored-row.js'
import { defaultTokensPerRun } from '../engine/scorer.js'
import { EngineError } from '../schema/engine-error.js'
import { jobVersion, type TrainJob } from '../schema/job.js'
import type { Recipe, RecipeName, Update } from '../schema/recipe.js'
import type { RunData } from './open-data.js'
import { defaultLayers, recipeTemplates } from './recipes.js'

/** What a person may choose; the rest has defaults. */
export interface JobChoices {
  readonly date: Date
  readonly recipe: RecipeName
  readonly steps: number
  readonly batchSize: number
  readonly seed: number
  readonly learningRate?: number
  readonly perturbationScale?: number
  /** First and last trained layer, both included. */
  readonly layers?: readonly [first: number, last: number]
  /** Whether row factors have block-column factors beside them. */
  readonly hasColumns?: boolean
  readonly evaluateEvery?: number
  /** Null for never. */
  readonly patience?: number | null
  readonly features?: TrainJob['features']
  /** The largest feature cache, in bytes. */
  readonly featureLimitBytes: number
}

/** Evaluations of a run, where nobody says how often. */
const evaluationsPerRun = 10

/** The job that the choices mean for this model and these rows. @throws EngineError 'request-invalid' */
export function planJob(
  choices: JobChoices,
  { model, sha256, byteLength }: OpenModel,
  data: RunData,
): TrainJob {
  const recipe = resolveRecipe(choices, model.description.layerCount)
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
    steps: choices.steps,
    batchSize: Math.min(choices.batchSize, data.train.dataset.examples.length),
    seed: choices.seed,
    evaluateEvery: choices.evaluateEvery ?? Math.max(1, Math.ceil(choices.steps / evaluationsPerRun)),
    patience: choices.patience ?? null,
    tokensPerRun: defaultTokensPerRun,
    features: choices.features ?? chooseFeatures(choices, recipe, model.description.width, data),
  }
}

function resolveRecipe(choices: JobChoices, layerCount: number): Recipe {
  const template = recipeTemplates[choices.recipe]
  const { firstLayer, endLayer } = layersOf(choices, layerCount)
  if (choices.hasColumns === true && choices.recipe !== 'qzo-rows') {
    throw requestInvalid(`column factors belong to the recipe 'qzo-rows', not to '${choices.recipe}'`)
  }
  const update: Update = {
    ...template.update,
    learningRate: choices.learningRate ?? template.update.learningRate,
  }
  return {
    name: template.name,
    parameters: choices.hasColumns === true ? 'row-and-column-factors' : template.parameters,
    perturbationScale: choices.perturbationScale ?? template.perturbationScale,
    update,
    firstLayer,
    endLayer,
  }
}

function layersOf(
  { layers, recipe }: JobChoices,
  layerCount: number,
): { firstLayer: number; endLayer: number } {
  if (layers === undefined) return defaultLayers(recipe, layerCount)
  const [first, last] = layers
  if (first > last || last >= layerCount) {
    throw requestInvalid(
      `layers ${first}-${last} should lie in 0-${layerCount - 1}, the first not after the last`,
    )
  }
  return { firstLayer: first, endLayer: last + 1 }
}

/** A cache pays when rows are seen more than once, and the file fits. */
function chooseFeatures(
  { steps, batchSize, featureLimitBytes }: JobChoices,
  { firstLayer }: Recipe,
  width: number,
  { train, dev }: RunData,
): TrainJob['features'] {
  const { examples, objective } = train.dataset
  if (firstLayer === 0 || steps * batchSize < 1.5 * examples.length) return 'direct'
  const tokens = [...examples, ...dev.dataset.examples]
    .flatMap((example) => scoredRows(example, objective))
    .reduce((sum, row) => sum + row.tokens.length, 0)
  return tokens * width * 4 <= featureLimitBytes ? 'cached' : 'direct'
}

function requestInvalid(issue: string): EngineError {
  return new EngineError('request-invalid', { issues: [issue] }, issue)
}
