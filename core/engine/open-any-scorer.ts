import type { Objective } from '../data/example.js'
import type { Device } from '../runtime/device.js'
import type { BaseMargins } from './base-margins.js'
import type { ExampleScorer } from './example-scorer.js'
import { isGraphModel, isTensorGraph, type GraphModel, type TrainableModel } from './graph-model.js'
import { GraphScorer } from './graph-scorer.js'
import { openScorer } from './open-scorer.js'
import { defaultTokensPerRun } from './scorer.js'
import { TensorScorer } from './tensor-scorer.js'

/**
 * Opens what scoring examples of one objective needs, for a model of either kind.
 *
 * @param baseMargins what pairs are compared with
 * @throws EngineError 'runtime-failed'
 */
export async function openAnyScorer(
  device: Device,
  model: TrainableModel,
  objective: Objective,
  baseMargins?: BaseMargins,
): Promise<{ readonly scorer: ExampleScorer; readonly close: () => Promise<void> }> {
  if (!isGraphModel(model)) return openScorer(device, model, objective, baseMargins)
  const scorer = await openGraphScorer(device, model, objective, baseMargins)
  return { scorer, close: () => scorer.close() }
}

/** Opens what measures the rows of a model that runs by its own graph, in runs of the usual length. */
function openGraphScorer(
  device: Device,
  model: GraphModel,
  objective: Objective,
  baseMargins?: BaseMargins,
): Promise<GraphScorer | TensorScorer> {
  if (!isTensorGraph(model)) {
    return GraphScorer.open({ model, objective, baseMargins, tokensPerRun: defaultTokensPerRun }, device)
  }
  return TensorScorer.open({ model, objective, positionsPerRun: defaultTokensPerRun }, device)
}
