import type { Dataset } from '../data/example.js'
import type { LoadedModel } from '../engine/loaded-model.js'
import { openScorer } from '../engine/open-scorer.js'
import type { Overrides } from '../engine/scorer.js'
import { evaluate, type Evaluation } from '../evaluation/evaluate.js'
import type { Device } from '../runtime/device.js'
import type { Output } from './output.js'

/** An evaluation that says how far it is. */
type EvaluationInSteps = AsyncGenerator<{ readonly done: number; readonly total: number }, Evaluation>

/** Evaluates a model on a dataset, with a live line. */
export async function evaluateShowing(
  output: Output,
  device: Device,
  model: LoadedModel,
  { examples, objective }: Dataset,
  overrides: Overrides,
): Promise<Evaluation> {
  const opened = openScorer(device, model, objective)
  try {
    return await finish(output, evaluate(opened.scorer, examples, overrides, 0))
  } finally {
    await opened.close()
  }
}

/** Goes through an evaluation, with a live line. */
export async function finish(output: Output, evaluation: EvaluationInSteps): Promise<Evaluation> {
  let next = await evaluation.next()
  for (; next.done !== true; next = await evaluation.next()) {
    output.live(`evaluating: ${next.value.done} of ${next.value.total} rows`)
  }
  return next.value
}
