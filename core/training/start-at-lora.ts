import type { LoadedModel } from '../engine/loaded-model.js'
import type { OpenModel } from '../engine/open-model.js'
import { linearNames, linearShape, type LinearName } from '../model/description.js'
import { readLora, type StoredBranch } from '../model/read-lora.js'
import { linearWeightName } from '../model/tensor-names.js'
import { branchScale } from '../parameters/parts/low-rank-part.js'
import type { TrainedNumbers, TrainedState } from '../parameters/trained-parameters.js'
import type { TrainJob } from '../schema/job.js'
import type { GradientRecipe } from '../schema/recipe.js'
import { requestInvalid } from '../schema/request-invalid.js'
import type { LowRankSettings } from '../schema/trained-part.js'
import { stateHash } from './initial-state.js'
import { createDifferentiatedParameters } from './recipes.js'
import { resolveRecipe } from './resolve-recipe.js'
import { branchesOf } from './start-at-original.js'

/**
 * A job whose low-rank branches begin as those of a GGUF LoRA file, such as the one that `zerotune convert --rounding svd` writes
 * beside a model, and that state.
 *
 * @throws EngineError 'request-invalid' where the recipe has no branches, or not all that the file has; as `readLora`
 */
export function startAtLora(
  path: string,
  job: TrainJob,
  { model }: OpenModel,
): { readonly job: TrainJob; readonly startState: Uint8Array } {
  const settings = branchesOf(job)
  const parameters = filled(job.recipe as GradientRecipe, settings, model, { path, branches: readLora(path) })
  const startState = parameters.save()
  return { job: { ...job, start: { lora: path, stateSha256: stateHash(startState) } }, startState }
}

/** A model's state with the branches of a GGUF LoRA file beside it. Throws as `readLora`, 'request-invalid' for other shapes. */
export function stateOfLora(path: string, model: LoadedModel): TrainedState {
  const branches = readLora(path)
  const rank = Math.max(1, ...[...branches.values()].map((branch) => branch.rank))
  const choices = { recipe: 'exact-lora', rank, alpha: rank, linears: linearNames, seed: 0 } as const
  const recipe = resolveRecipe(choices, model.description.layerCount) as GradientRecipe
  const settings = recipe.parts.find((part) => part.kind === 'low-rank')
  if (settings === undefined) throw new TypeError('exact-lora has branches')
  return filled(recipe, settings, model, { path, branches })
}

/** Branches of a file, by the names of the weights that they stand beside. */
interface LoraFile {
  readonly path: string
  readonly branches: ReadonlyMap<string, StoredBranch>
}

function filled(
  recipe: GradientRecipe,
  settings: LowRankSettings,
  model: LoadedModel,
  { path, branches }: LoraFile,
): TrainedState {
  const parameters = createDifferentiatedParameters(recipe, model)
  const left = new Set(branches.keys())
  for (let layer = recipe.firstLayer; layer < recipe.endLayer; layer++) {
    for (const linear of settings.linears) {
      const name = linearWeightName(layer, linear)
      const branch = branches.get(name)
      if (branch === undefined || !left.delete(name)) continue
      const { numbers } = parameters
      const [down, up] = ['loraA', 'loraB'].map((part) => numbers.get(`blk.${layer}.${linear}.${part}`))
      checkShape(model, linear, branch, path)
      if (down && up) fill(down, up, branch, settings)
    }
  }
  if (left.size > 0) {
    throw requestInvalid(
      `${path} has a branch beside '${[...left][0]}' that is not trained: train all layers, with --linears all`,
    )
  }
  parameters.load(parameters.save())
  return parameters
}

/** Rows of A beyond the file's rank stay at random as they begin, and their columns of B at 0. */
function fill(
  down: TrainedNumbers,
  up: TrainedNumbers,
  branch: StoredBranch,
  settings: LowRankSettings,
): void {
  if (branch.rank > settings.rank) {
    throw requestInvalid(
      `branches of rank ${settings.rank} cannot begin at those of rank ${branch.rank}: --lora-rank ${branch.rank}`,
    )
  }
  const ratio = branch.scale / branchScale(settings)
  branch.down.forEach((value, at) => (down[at] = value))
  up.fill(0)
  branch.up.forEach((value, at) => {
    const [row, k] = [Math.floor(at / branch.rank), at % branch.rank]
    up[row * settings.rank + k] = ratio * value
  })
}

function checkShape(
  model: LoadedModel,
  linear: LinearName,
  { rank, down, up }: StoredBranch,
  path: string,
): void {
  const { rows, columns } = linearShape(model.description, linear)
  if (down.length === rank * columns && up.length === rank * rows) return
  const found = `${up.length / rank} × ${down.length / rank}`
  throw requestInvalid(
    `${path} is for another model: '${linear}' is ${rows} × ${columns}, its branch ${found}`,
  )
}
