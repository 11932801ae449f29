import type { LoadedModel } from '../engine/loaded-model.js'
import type { TrainedPartSettings } from '../schema/trained-part.js'
import type { DifferentiatedPart } from './differentiated-parameters.js'
import { BiasPart } from './parts/bias-part.js'
import { FactorPart } from './parts/factor-part.js'
import { LowRankPart } from './parts/low-rank-part.js'
import { MasterWeightPart } from './parts/master-weight-part.js'
import { NormPart } from './parts/norm-part.js'
import { ScalePart } from './parts/scale-part.js'
import { ZeroPointPart } from './parts/zero-point-part.js'
import { SoftPromptPart } from './parts/soft-prompt-part.js'
import type { TrainedLayers } from './trained-layers.js'

/** A part of a recipe for a model, at its initial state. */
export function createPart(
  part: TrainedPartSettings,
  model: LoadedModel,
  layers: TrainedLayers,
): DifferentiatedPart {
  switch (part.kind) {
    case 'factors':
      return new FactorPart(model.description, layers, part.hasColumns)
    case 'scales':
      return new ScalePart(model, layers)
    case 'zero-points':
      return new ZeroPointPart(model, layers)
    case 'norms':
      return new NormPart(model, layers)
    case 'biases':
      return new BiasPart(model, layers)
    case 'low-rank':
      return new LowRankPart(model.description, layers, part)
    case 'soft-prompt':
      return new SoftPromptPart(model, part)
    case 'master-weights':
      return new MasterWeightPart(model, layers, part)
  }
}
