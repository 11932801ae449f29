import {
  askBase,
  BaseMargins,
  evaluate,
  openScorer,
  type Dataset,
  type Device,
  type Evaluation,
  type LoadedModel,
  type Overrides,
} from '../../core/index.js'
import type { TaskPhase } from '../ipc/tasks.js'
import type { Task } from './tasks.js'

/** Rows to score, and by what. */
export interface ScoreRequest {
  readonly device: Device
  /** The model that a run began from, which pairs are compared with. */
  readonly base: LoadedModel
  readonly model: LoadedModel
  readonly overrides: Overrides
  readonly rows: Dataset
  readonly phase: TaskPhase
}

/** Scores rows as the task `task`, telling how far it is. @throws EngineError 'cancelled', 'loss-not-finite' */
export async function scoreRows(request: ScoreRequest, task: Task): Promise<Evaluation> {
  const { device, model, overrides, rows, phase } = request
  const opened = openScorer(device, model, rows.objective, await marginsOf(request, task))
  try {
    const evaluation = evaluate(opened.scorer, rows.examples, overrides, 0)
    let next = await evaluation.next()
    for (; next.done !== true; next = await evaluation.next()) {
      task.progress(phase, next.value.done, next.value.total, 'rows')
      await task.breathe()
    }
    return next.value
  } finally {
    await opened.close()
  }
}

/** What the base says of pairs; nothing where rows are none. */
async function marginsOf({ device, base, rows }: ScoreRequest, task: Task): Promise<BaseMargins | undefined> {
  if (rows.objective.kind !== 'preference') return undefined
  const margins = new BaseMargins()
  const opened = openScorer(device, base, rows.objective)
  try {
    for await (const { done, total } of askBase(opened.scorer, rows.examples, margins)) {
      task.progress('evaluating-base', done, total, 'rows')
      await task.breathe()
    }
    return margins
  } finally {
    await opened.close()
  }
}
