import type { TrainableModel } from '../engine/graph-model.js'
import { momentStateBytes, ruleStateBytes } from '../optimizer/rule-state-bytes.js'
import { directionTable } from '../parameters/create-scale-directions.js'
import { columnBlock } from '../parameters/fold-factors.js'
import { codeSizes } from '../parameters/weight-codes.js'
import { partSizes, type TensorSize } from '../parameters/part-sizes.js'
import type { GradientRecipe, ProbeRecipe, Recipe } from '../schema/recipe.js'
import type { TrainedPartSettings } from '../schema/trained-part.js'
import { allCodes, lightMaster, usualBranches } from './recipe-templates.js'

/** What a recipe trains, as a plan sees it: nothing is made. */
export interface TrainedSize {
  readonly numbers: number
  /** With gradients, what is made of the numbers, and optimizer states. */
  readonly bytes: number
  /** Of the largest copy that is made to write the state down. */
  readonly savedBytes: number
}

/** @param batchSize rows of a step, each with a direction of its own where factors are probed */
export function trainedSize(recipe: Recipe, model: TrainableModel, batchSize: number): TrainedSize {
  return recipe.estimator === 'gradients'
    ? differentiatedSize(recipe, model)
    : withMagnitudes(
        recipe,
        withSpectrum(recipe, model, withMoments(recipe, model, probedSize(recipe, model, batchSize))),
      )
}

/** The state at the start, and before a probe of magnitudes. */
function withMagnitudes({ magnitudes }: ProbeRecipe, size: TrainedSize): TrainedSize {
  return magnitudes === null ? size : { ...size, bytes: size.bytes + 8 * size.numbers }
}

/** The state before a step; the step of one matrix at a time, in floats of 8 bytes and four forms. */
function withSpectrum(recipe: ProbeRecipe, model: TrainableModel, size: TrainedSize): TrainedSize {
  if (recipe.spectral === null) return size
  return { ...size, bytes: size.bytes + 4 * size.numbers + 32 * Math.max(...lengthsOf(recipe, model)) }
}

/** Running means, and the state before a step; the gradient and the displacement of one tensor at a time. */
function withMoments(recipe: ProbeRecipe, model: TrainableModel, size: TrainedSize): TrainedSize {
  const { moments } = recipe
  if (moments === null) return size
  const lengths = lengthsOf(recipe, model)
  const means = lengths.reduce((sum, length) => sum + momentStateBytes(moments, length), 0)
  return { ...size, bytes: size.bytes + means + 4 * size.numbers + 8 * Math.max(...lengths) }
}

/** Of the tensors that a recipe by probes trains. */
function lengthsOf(recipe: ProbeRecipe, model: TrainableModel): number[] {
  const { parameters, codes = allCodes } = recipe
  if (parameters === 'codes') return codeSizes(model, recipe, codes.linears).map(({ weights }) => weights)
  return partSizes(probedPart(recipe), model, recipe).map((tensor) => countOf([tensor]))
}

/** What a recipe by probes trains, in the terms of exact gradients, which have no codes: the weights behind them. */
function probedPart({
  parameters,
  master = lightMaster,
  branches = usualBranches,
}: ProbeRecipe): TrainedPartSettings {
  switch (parameters) {
    case 'row-factors':
    case 'row-and-column-factors':
      return { kind: 'factors', hasColumns: parameters === 'row-and-column-factors' }
    case 'block-scales':
    case 'raw-scales':
      return { kind: 'scales' }
    case 'low-rank-branches':
      return branches
    case 'master-weights':
    case 'codes':
      return { kind: 'master-weights', ...master, trainsGrid: false, softRounding: null }
  }
}

/** A value, its gradient, what is made of it, the rule's state; and the gradients of one layer as they come from the graph. */
function differentiatedSize(
  { parts, update, firstLayer, endLayer }: GradientRecipe,
  model: TrainableModel,
): TrainedSize {
  const sizes = parts.map((part) => ({ part, tensors: partSizes(part, model, { firstLayer, endLayer }) }))
  const tensors = sizes.flatMap((each) => each.tensors)
  const numbers = countOf(tensors)
  const held = tensors.reduce((sum, tensor) => {
    const count = countOf([tensor])
    return sum + count * (8 + tensor.besideBytes) + ruleStateBytes(update, tensor.shape)
  }, 0)
  const ofOneLayer = sizes.reduce(
    (sum, { part, tensors: ofPart }) => sum + (spreadOf(part) * countOf(ofPart)) / (endLayer - firstLayer),
    0,
  )
  // The runtime has a copy of each until it is read.
  return { numbers, bytes: held + 2 * 4 * ofOneLayer, savedBytes: 4 * numbers }
}

/** Numbers of a graph's input for each trained one, at most. */
function spreadOf(part: TrainedPartSettings): number {
  return part.kind === 'factors' && part.hasColumns ? columnBlock : 1
}

function probedSize(recipe: ProbeRecipe, model: TrainableModel, batchSize: number): TrainedSize {
  const { firstLayer, endLayer, parameters } = recipe
  const layers = endLayer - firstLayer
  const numbers = lengthsOf(recipe, model).reduce((sum, length) => sum + length, 0)
  switch (parameters) {
    case 'row-factors':
    case 'row-and-column-factors': {
      const inGraph = countOf(partSizes({ kind: 'factors', hasColumns: false }, model, recipe))
      const columns = columnBlock * (numbers - inGraph)
      // Whole number and exponential; a bit for each row of a batch; the factors of both sides of a probe in one layer.
      const probed = (2 * batchSize * 4 * (inGraph + columns)) / layers
      return { numbers, bytes: numbers * (8 + batchSize / 8) + probed, savedBytes: 4 * numbers }
    }
    case 'low-rank-branches': {
      const sides = sumOfSides(partSizes(probedPart(recipe), model, recipe))
      // Whole number and float; two vectors of signs a matrix for each row of a batch, and in floats for both sides in one layer.
      return {
        numbers,
        bytes: numbers * 8 + batchSize * sides * (1 / 8 + (2 * 4) / layers),
        savedBytes: 4 * numbers,
      }
    }
    case 'block-scales': {
      // Whole number and scale; both sides of a probe in one layer.
      const bytes = numbers * (8 + 8 / layers) + directionBytes(recipe, numbers)
      return { numbers, bytes, savedBytes: 4 * numbers }
    }
    case 'raw-scales':
      return { numbers, bytes: numbers * (4 + 8 / layers), savedBytes: 4 * numbers }
    case 'master-weights':
      // A float, a bit of a direction, a code; and those of a layer at both sides of a probe.
      return { numbers, bytes: numbers * (4 + 1 / 8 + 3 / 4 + 2 / layers), savedBytes: 4 * numbers }
    case 'codes': {
      const { linears, rounding } = recipe.codes ?? allCodes
      const packed = codeSizes(model, recipe, linears).reduce(
        (sum, { weights, bits }) => sum + (weights * bits) / 8,
        0,
      )
      // What steps left out, a byte a weight; and the codes of a layer at a probe.
      const fedBack = rounding.kind === 'error-feedback' ? numbers : 0
      const bytes = packed * (1 + 1 / layers) + fedBack + directionBytes(recipe, numbers)
      return { numbers, bytes, savedBytes: packed }
    }
  }
}

/**
 * Of the directions of a step's lanes: a bit a number; or a pool, its whole table and its numbers; of low-rank ones a byte
 * for each row of one matrix at a time, which is nothing beside the matrix.
 */
function directionBytes({ directions, probing }: ProbeRecipe, numbers: number): number {
  switch (directions.kind) {
    case 'independent':
      return (probing.queries * numbers) / 8
    case 'pool':
      return 8 * directionTable(directions) + 8 * directions.size
    case 'low-rank':
      return 0
  }
}

/** Rows and columns of all matrices together. */
function sumOfSides(matrices: readonly TensorSize[]): number {
  return matrices.reduce((sum, { shape }) => sum + shape.reduce((sides, side) => sides + side, 0), 0)
}

function countOf(tensors: readonly TensorSize[]): number {
  return tensors.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0)
}
