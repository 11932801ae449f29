import { probeLayers, type Device, type OpenModel, type RunData } from '../../core/index.js'
import type { Choices } from '../ipc/choices.js'
import { planChoices, type FittedPlan } from './job-choices.js'
import type { Task } from './tasks.js'

/** What a plan was made for, and what layers are probed on. */
export interface PlannedRun {
  readonly date: Date
  readonly model: OpenModel
  readonly data: RunData
  readonly device: Device
}

/**
 * The same plan for the layers that probing chooses, where the person left them to it.
 *
 * @param widest the plan for all layers
 * @throws EngineError 'cancelled'
 */
export async function withProbedLayers(
  widest: FittedPlan,
  choices: Choices,
  { date, model, data, device }: PlannedRun,
  task: Pick<Task, 'progress' | 'breathe'>,
): Promise<FittedPlan> {
  const { recipe } = widest.job
  if (choices.layers !== 'auto' || recipe.estimator !== 'probes') return widest
  const probing = probeLayers({ job: widest.job, model, data, device })
  try {
    let next = await probing.next()
    for (; next.done !== true; next = await probing.next()) {
      task.progress('probing-layers', next.value.done, next.value.total, 'steps')
      await task.breathe()
    }
    const { firstLayer, choice } = next.value
    const layers = { first: firstLayer, last: recipe.endLayer - 1 }
    const chosen = planChoices({ ...choices, recipe: recipe.name, layers }, date, model, data)
    return { ...chosen, job: { ...chosen.job, layerChoice: choice } }
  } finally {
    // What was opened is closed, also where the person stopped it.
    await probing.return(undefined as never)
  }
}
