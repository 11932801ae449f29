import type { LoadedModel } from '../engine/loaded-model.js'
import type { OpenModel } from '../engine/open-model.js'
import { linearNames, linearShape, type LinearName } from '../model/description.js'
import { branchScale } from '../parameters/parts/low-rank-part.js'
import { quantizationError } from '../parameters/quantization-error.js'
import { truncatedSvd } from '../parameters/truncated-svd.js'
import { requestInvalid } from '../schema/request-invalid.js'
import type { TrainJob } from '../schema/job.js'
import type { LowRankSettings } from '../schema/trained-part.js'
import { stateHash } from './initial-state.js'
import { createParameters } from './recipes.js'

/** More than four bits ever lose, of the squares of a matrix: beyond it the two are different models. */
const largestLoss = 0.5

/** A job whose low-rank branches begin at what quantization lost. */
export interface OriginalStart {
  readonly job: TrainJob
  readonly startState: Uint8Array
  /** Of the squares that quantization lost in the chosen linears, the share that the branches give back. */
  readonly recoveredShare: number
}

/**
 * A job whose branches begin at the largest singular terms of what quantization lost, W − Ŵ ≈ scale · B A, so that training
 * begins nearer to the model before it was quantized: B = U √Σ / √scale, A = √Σ Vᵀ / √scale.
 *
 * Codes stay as they are in the file; LoftQ may round them anew in turn, which is its first step alone here.
 *
 * Source: LoftQ, Li et al. 2023, arXiv:2310.08659, Algorithm 1 with one step and the codes given; as PEFT's
 * `replace_lora_weights_loftq`.
 *
 * @param original the model before it was quantized, in floats
 * @param onLayer is told which layer comes next: of a large model each takes seconds
 * @throws EngineError 'request-invalid' where the recipe has no branches, or the original is quantized or another model
 */
export function startAtOriginal(
  original: LoadedModel,
  job: TrainJob,
  { model }: OpenModel,
  onLayer: (layer: number) => void = () => undefined,
): OriginalStart {
  const settings = branchesOf(job)
  refuseOtherShapes(original, model)
  const parameters = createParameters(job.recipe, model)
  let [lost, left] = [0, 0]
  for (let layer = job.recipe.firstLayer; layer < job.recipe.endLayer; layer++) {
    onLayer(layer)
    for (const linear of settings.linears) {
      const name = `blk.${layer}.${linear}`
      const error = errorOf(original, model, layer, linear)
      const { rows, columns } = linearShape(model.description, linear)
      const terms = truncatedSvd(error.difference, [rows, columns], settings.rank, settings.seed)
      const [down, up] = [parameters.numbers.get(`${name}.loraA`), parameters.numbers.get(`${name}.loraB`)]
      down?.fill(0)
      up?.fill(0)
      terms.values.forEach((value, k) => {
        const root = Math.sqrt(value / branchScale(settings))
        terms.right[k].forEach((v, column) => down && (down[k * columns + column] = root * v))
        terms.left[k].forEach((u, row) => up && (up[row * settings.rank + k] = root * u))
      })
      lost += error.lost
      left += error.lost - terms.values.reduce((sum, value) => sum + value * value, 0)
    }
  }
  parameters.load(parameters.save())
  const startState = parameters.save()
  const start = { original: original.path, stateSha256: stateHash(startState) }
  return { job: { ...job, start }, startState, recoveredShare: lost === 0 ? 0 : 1 - left / lost }
}

/** The branches that a job trains. @throws EngineError 'request-invalid' where there are none */
export function branchesOf({ recipe }: TrainJob): LowRankSettings {
  const parts = recipe.estimator === 'gradients' ? recipe.parts : []
  const found = parts.find((part) => part.kind === 'low-rank')
  if (found !== undefined) return found
  throw requestInvalid(`'${recipe.name}' has no low-rank branches to begin at something; 'exact-lora' has`)
}

function errorOf(original: LoadedModel, model: LoadedModel, layer: number, linear: LinearName) {
  const before = original.blocks[layer].stored.read(linear)
  if (before.kind === 'quantized') {
    throw requestInvalid(
      `${original.path} is quantized itself, so it cannot say what quantization lost: name the model in F16, BF16 or F32`,
    )
  }
  const error = quantizationError(before, model.blocks[layer].stored.read(linear))
  if (error.lost <= largestLoss * error.whole) return error
  throw requestInvalid(
    `${model.path} was not quantized from ${original.path}: their '${linear}' of layer ${layer} differ by more than they have in common`,
  )
}

/** @throws EngineError 'request-invalid' */
function refuseOtherShapes({ description: before, path }: LoadedModel, { description }: LoadedModel): void {
  const isSame = (name: LinearName): boolean => {
    const [a, b] = [linearShape(before, name), linearShape(description, name)]
    return a.rows === b.rows && a.columns === b.columns
  }
  if (before.layerCount === description.layerCount && linearNames.every(isSame)) return
  throw requestInvalid(`${path} has other layers than the model that is trained, so it is not its original`)
}
