import type { LinearName } from '../model/description.js'
import { codesFromWeights, weightsFromCodes } from '../parameters/carry-codes.js'
import { unitOfLogScale } from '../parameters/log-state.js'
import type { TrainedNumbers, TrainedState } from '../parameters/trained-parameters.js'
import { requestIssue } from '../schema/request-issues.js'
import type { Recipe } from '../schema/recipe.js'
import type { TrainedPartSettings } from '../schema/trained-part.js'
import { allCodes, lightMaster, usualBranches } from './recipe-templates.js'

/** A recipe with its parameters. */
interface Carried {
  readonly recipe: Recipe
  readonly parameters: TrainedState
}

/**
 * Brings the state of one recipe into the parameters of another, which must be at their initial state: logarithms of factors
 * and numbers of branches stay what they are, as floats or as whole units of 2⁻²⁰, and factors of rows and of blocks of columns become factors of
 * the scales they multiply. Weights behind codes of 4 bits become the codes that they are rounded to, and codes weights. What
 * the other recipe trains beside that begins as it always does.
 *
 * @returns the largest change by rounding to whole units, of a logarithm: at most 2⁻²¹; 0 where nothing was rounded
 * @throws EngineError 'request-invalid' where the other recipe trains less, or in fewer layers
 */
export function carryState(from: Carried, to: Carried): number {
  refuseLoss(from.recipe, to.recipe)
  refuseLostCodes(from, to)
  let largest = 0
  for (const [name, target] of to.parameters.numbers) {
    if (target instanceof Uint8Array) {
      target.set(codesFor(name, from.parameters) ?? target)
      continue
    }
    const values = valuesFor(name, target.length, from.parameters)
    if (values === null) continue
    for (let i = 0; i < target.length; i++) {
      target[i] = target instanceof Int32Array ? Math.round(values[i] / unitOfLogScale) : values[i]
      const kept = target instanceof Int32Array ? target[i] * unitOfLogScale : target[i]
      largest = Math.max(largest, Math.abs(kept - values[i]))
    }
  }
  to.parameters.load(to.parameters.save())
  return largest
}

/** What an earlier state has for a tensor: the same numbers, or factors that multiply to those of a linear's scales. */
function valuesFor(name: string, length: number, { numbers }: TrainedState): Float64Array | null {
  const same = logarithms(numbers.get(name))
  if (same !== null) return same
  const codes = numbers.get(name.replace(/weights$/, 'codes'))
  if (codes instanceof Uint8Array) return weightsFromCodes(codes, length)
  const linear = /^(.*)\.scales$/.exec(name)?.[1]
  const rows = logarithms(numbers.get(`${linear}.rows`))
  if (linear === undefined || rows === null) return null
  const columns = logarithms(numbers.get(`${linear}.columns`))
  const blocks = length / rows.length
  return Float64Array.from({ length }, (_, i) => {
    const ofColumn = columns === null ? 0 : columns[Math.floor(((i % blocks) * columns.length) / blocks)]
    return rows[Math.floor(i / blocks)] + ofColumn
  })
}

/** The codes of an earlier state, or those that its weights are rounded to. */
function codesFor(name: string, { numbers }: TrainedState): Uint8Array | null {
  const same = numbers.get(name)
  if (same instanceof Uint8Array) return same
  const weights = numbers.get(name.replace(/codes$/, 'weights'))
  return weights instanceof Float32Array ? codesFromWeights(weights) : null
}

/** None where there are no such numbers, or whole codes. */
function logarithms(values: TrainedNumbers | undefined): Float64Array | null {
  if (values === undefined || values instanceof Uint8Array) return null
  return Float64Array.from(values, (value) => (values instanceof Int32Array ? value * unitOfLogScale : value))
}

/** @throws EngineError 'request-invalid' */
function refuseLoss(from: Recipe, to: Recipe): void {
  if (to.firstLayer > from.firstLayer || to.endLayer < from.endLayer) {
    throw requestIssue('earlier-layers', { first: from.firstLayer, last: from.endLayer - 1 })
  }
  const targets = partsOf(to)
  const lost = partsOf(from).find((part) => !targets.some((target) => canHold(target, part, targets)))
  if (lost === undefined) return
  throw requestIssue('earlier-parts', { recipe: to.name, parts: named(lost), earlier: from.name })
}

/** @throws EngineError 'request-invalid' where the other recipe's codes, or weights, are not of every linear, because of its type */
function refuseLostCodes(from: Carried, to: Carried): void {
  const { numbers } = to.parameters
  const isHeld = (linear: string): boolean => numbers.has(`${linear}codes`) || numbers.has(`${linear}weights`)
  for (const name of from.parameters.numbers.keys()) {
    const linear = /^(.*\.)(codes|weights)$/.exec(name)?.[1]
    if (linear === undefined || isHeld(linear)) continue
    throw requestIssue('earlier-parts', { recipe: to.recipe.name, parts: name, earlier: from.recipe.name })
  }
}

/** What a recipe trains, in the terms of exact gradients; raw scales and codes are states of their own. */
type Part =
  | TrainedPartSettings
  | { readonly kind: 'raw-scales' }
  | { readonly kind: 'codes'; readonly linears: readonly LinearName[] }

function partsOf(recipe: Recipe): readonly Part[] {
  if (recipe.estimator === 'gradients') return recipe.parts
  switch (recipe.parameters) {
    case 'row-factors':
      return [{ kind: 'factors', hasColumns: false }]
    case 'row-and-column-factors':
      return [{ kind: 'factors', hasColumns: true }]
    case 'block-scales':
      return [{ kind: 'scales' }]
    case 'raw-scales':
      return [{ kind: 'raw-scales' }]
    case 'master-weights':
      return [
        { kind: 'master-weights', ...(recipe.master ?? lightMaster), trainsGrid: false, softRounding: null },
      ]
    case 'codes':
      return [{ kind: 'codes', linears: (recipe.codes ?? allCodes).linears }]
    case 'low-rank-branches':
      return [recipe.branches ?? usualBranches]
  }
}

function canHold(target: Part, part: Part, targets: readonly Part[]): boolean {
  if (part.kind === 'raw-scales') return false
  if (part.kind === 'codes' || part.kind === 'master-weights') return holdsCodes(target, part)
  if (part.kind === 'factors') {
    if (target.kind === 'factors') return target.hasColumns || !part.hasColumns
    return target.kind === 'scales' && !targets.some(({ kind }) => kind === 'factors')
  }
  // Vectors are vectors, whatever tokens they began as.
  if (part.kind === 'soft-prompt') {
    return target.kind === 'soft-prompt' && target.tokens.length === part.tokens.length
  }
  return settingsOf(target) === settingsOf(part)
}

/** Whether a part has the codes of another, or weights behind them: on the same grid, of the same linears or more. */
function holdsCodes(target: Part, part: Part & { kind: 'codes' | 'master-weights' }): boolean {
  if (target.kind !== 'codes' && target.kind !== 'master-weights') return false
  return (
    (gridOf(target) === gridOf(part) || (gridOf(part) === ofFile && gridOf(target) === 'trained 4')) &&
    part.linears.every((linear) => target.linears.includes(linear))
  )
}

const ofFile = '4'

/** What codes mean. Those of the file mean what they do there; a trained grid begins as that. */
function gridOf(part: Part & { kind: 'codes' | 'master-weights' }): string {
  if (part.kind === 'codes') return ofFile
  return part.trainsGrid ? `trained ${part.bits}` : String(part.bits)
}

/** Of a part, without the seed of its start. */
function settingsOf(part: Part): string {
  return JSON.stringify({ ...part, seed: null })
}

function named({ kind }: Part): string {
  const names: Readonly<Record<Part['kind'], string>> = {
    factors: 'factors',
    scales: 'block scales',
    'zero-points': 'zero points',
    norms: 'norms',
    biases: 'biases',
    'low-rank': 'low-rank branches',
    'soft-prompt': 'soft prompt',
    'master-weights': 'master weights',
    'raw-scales': 'raw scales',
    codes: 'codes',
  }
  return names[kind]
}
