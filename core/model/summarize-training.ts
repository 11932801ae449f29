import type { GgufFile } from '../formats/gguf/gguf-file.js'
import { isQuantizedType } from '../formats/gguf/tensor-types.js'
import { EngineError } from '../schema/engine-error.js'
import type { ModelSummary } from '../schema/model-summary.js'
import { linearNames, type ModelDescription } from './description.js'
import { splitFusedTensors } from './fused-tensors.js'
import { linearWeightName } from './tensor-names.js'

type TrainingSummary = Pick<ModelSummary, 'canTrain' | 'reason' | 'failure' | 'recipes'>
type Recipe = ModelSummary['recipes'][number]['recipe']

/** Recipes that train the scales of quantized blocks; the other trains factors on rows of any type. */
const scaleRecipes: readonly Recipe[] = ['qzo', 'qzo-paper']

/**
 * Says which recipes can train a model, and why the others cannot.
 *
 * @param outcome the model's description, or why it cannot be run
 */
export function summarizeTraining(file: GgufFile, outcome: ModelDescription | EngineError): TrainingSummary {
  const whyNoRecipe = outcome instanceof EngineError ? outcome.message : null
  const whyNoScales = outcome instanceof EngineError ? outcome.message : whyScalesAreMissing(file, outcome)
  const recipes = (['qzo-rows', ...scaleRecipes] as const).map((recipe) => {
    const reason = scaleRecipes.includes(recipe) ? whyNoScales : whyNoRecipe
    return { recipe, canTrain: reason === null, reason }
  })
  const failure = outcome instanceof EngineError ? outcome.toData() : null
  return { canTrain: whyNoRecipe === null, reason: whyNoRecipe, failure, recipes }
}

function whyScalesAreMissing(file: GgufFile, model: ModelDescription): string | null {
  const layers = Array.from({ length: model.layerCount }, (_, layer) => layer)
  const names = layers.flatMap((layer) => linearNames.map((linear) => linearWeightName(layer, linear)))
  const { tensors } = splitFusedTensors(file)
  const types = [...new Set(names.map((name) => tensors.get(name)?.type ?? ''))]
  if (types.some(isQuantizedType)) return null
  return `There are no block scales to train: the linear layers are ${types.join(' and ')}, not quantized`
}
