import type { Dataset } from '../data/example.js'
import { BaseMargins } from '../engine/base-margins.js'
import type { TrainableModel } from '../engine/graph-model.js'
import { openAnyScorer } from '../engine/open-any-scorer.js'
import type { Overrides } from '../engine/overrides.js'
import { askBase } from '../evaluation/ask-base.js'
import { evaluate, type Evaluation } from '../evaluation/evaluate.js'
import type { Device } from '../runtime/device.js'
import type { Output } from './output.js'

/** An evaluation that says how far it is. */
type EvaluationInSteps = AsyncGenerator<{ readonly done: number; readonly total: number }, Evaluation>

/** Rows to evaluate on. */
export interface JudgedRows extends Dataset {
  /** What pairs are compared with. */
  readonly baseMargins?: BaseMargins | undefined
}

/** Evaluates a model on rows, with a live line. */
export async function evaluateShowing(
  output: Output,
  device: Device,
  model: TrainableModel,
  { examples, objective, baseMargins }: JudgedRows,
  overrides: Overrides,
): Promise<Evaluation> {
  const opened = await openAnyScorer(device, model, objective, baseMargins)
  try {
    return await finish(output, evaluate(opened.scorer, examples, overrides, 0))
  } finally {
    await opened.close()
  }
}

/** The same rows with what the base says of them, where they are pairs. */
export async function besideBase(
  output: Output,
  device: Device,
  base: TrainableModel,
  dataset: Dataset,
): Promise<JudgedRows> {
  const { examples, objective } = dataset
  if (objective.kind !== 'preference') return dataset
  const opened = await openAnyScorer(device, base, objective)
  const baseMargins = new BaseMargins()
  try {
    for await (const { done, total } of askBase(opened.scorer, examples, baseMargins)) {
      output.live(`asking the base: ${done} of ${total} pairs`)
    }
    return { ...dataset, baseMargins }
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
