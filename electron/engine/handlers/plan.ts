import { availableParallelism, freemem, totalmem, cpus } from 'node:os'
import { defaultBudgetBytes, dryRun, makeFolder, type RunPlan, type TrainEvent } from '../../../core/index.js'
import type { Handlers } from '../../ipc/contract.js'
import type { Choices, Preset } from '../../ipc/choices.js'
import type { MemoryPlan, RecipeReason } from '../../ipc/plan.js'
import type { EngineContext } from '../context.js'
import { planChoices, type FittedPlan } from '../job-choices.js'
import type { MeasuredTimes } from '../measured-times.js'
import { settingsOf } from '../run-settings.js'
import type { OpenSelection } from '../selections.js'
import { startingAt, startOf } from '../starting-point.js'
import type { RunFolders } from '../run-records.js'
import type { Task } from '../tasks.js'

type PlanHandlers = Pick<Handlers<'engine'>, 'plan.make' | 'plan.dryRun' | 'device.describe' | 'device.list'>

const presetNames: readonly Preset[] = ['quick', 'balanced', 'careful']
/** A plan that takes more of its budget than this leaves little room. */
const tightShare = 0.85

/** Saying what a run will need before it begins. */
export function planHandlers(
  context: EngineContext,
  folders: RunFolders,
  times: MeasuredTimes,
): PlanHandlers {
  const { tasks, selections, config, devices, now } = context
  return {
    'plan.make': ({ taskId, selection, choices }) =>
      tasks.run(taskId, async (task) => {
        const opened = await selections.openToTrain(selection, choices, task)
        task.progress('planning', 0, null, 'steps')
        await task.breathe()
        const wanted = startingAt(folders, choices)
        const described = describePlan(opened, wanted, times)
        // What cannot go on from there is said now, not when the run begins.
        if (wanted.startRunId !== null) {
          startOf(
            folders,
            wanted,
            planChoices(wanted, opened.date, opened.model, opened.data).job,
            opened.model,
          )
        }
        return described
      }),
    'plan.dryRun': ({ taskId, selection, choices }) =>
      tasks.run(taskId, async (task) => {
        const opened = await selections.openToTrain(selection, choices, task)
        const { model, data, date } = opened
        const plan = planChoices(startingAt(folders, choices), date, model, data)
        const folder = config().stateFolder
        makeFolder(folder)
        const device = await devices.chosen()
        const run = dryRun({ job: plan.job, model, data, device, now, folder }, task.signal)
        const measured = await following(run, task)
        times.keep(plan.job, measured)
        return { ...measured, memory: memoryPlan(plan, choices.budgetBytes) }
      }),
    'device.list': async () => {
      const found = await devices.list()
      return {
        chosen: (await devices.chosen()).name,
        devices: found.map(({ name, adapter, reason, isSoftware }) => ({
          name,
          adapter,
          reason,
          isSoftware,
        })),
      }
    },
    'device.describe': () => {
      const { threads, name } = devices.processor()
      return {
        name: cpus().at(0)?.model.trim() ?? name,
        threads,
        coreCount: availableParallelism(),
        memoryBytes: totalmem(),
        freeBytes: freemem(),
        defaultBudgetBytes: defaultBudgetBytes(totalmem()),
        largestBudgetBytes: totalmem(),
      }
    },
  }
}

/** How a plan stands against its budget. */
export function memoryPlan({ memory, exceeds }: FittedPlan, budgetBytes: number): MemoryPlan {
  const isTight = memory.totalBytes > tightShare * budgetBytes
  return {
    items: [...memory.items],
    totalBytes: memory.totalBytes,
    budgetBytes,
    verdict: exceeds ? 'exceeds' : isTight ? 'tight' : 'fits',
  }
}

function describePlan({ model, data, date }: OpenSelection, choices: Choices, times: MeasuredTimes) {
  const plan = planChoices(choices, date, model, data)
  const { job } = plan
  const trainRows = data.train.dataset.examples.length
  return {
    settings: settingsOf(job, model.model.description.layerCount),
    reason: reasonOf(plan, choices.budgetBytes),
    trainedNumbers: plan.trainedNumbers,
    trainRows,
    devRows: data.dev.dataset.examples.length,
    memory: memoryPlan(plan, choices.budgetBytes),
    time: times.estimate(job),
    presets: presetNames.map((preset) => {
      const { job: other } = planChoices({ ...choices, preset, steps: null }, date, model, data)
      const { recipe, steps, batchSize } = other
      const passesOverRows = (steps * batchSize) / trainRows
      return { preset, recipe: recipe.name, steps, passesOverRows, time: times.estimate(other) }
    }),
    notices: data.notices,
  }
}

function reasonOf({ reason, memory }: RunPlan, budgetBytes: number): RecipeReason {
  switch (reason.kind) {
    case 'chosen-by-person':
      return { code: 'chosen' }
    case 'exact-fits':
      return { code: 'exact-fits', neededBytes: memory.totalBytes }
    case 'exact-on-upper-layers':
      return { code: 'exact-on-upper-layers', neededBytes: reason.exactBytes, budgetBytes }
    case 'exact-too-large':
      return { code: 'exact-exceeds-budget', neededBytes: reason.exactBytes, budgetBytes }
    case 'asks-for-probes':
      return { code: 'asks-for-probes' }
  }
}

/** Goes through a dry run, telling how far it is. */
async function following<T>(run: AsyncGenerator<TrainEvent, T>, task: Task): Promise<T> {
  let next = await run.next()
  try {
    for (; next.done !== true; next = await run.next()) {
      const { value } = next
      if (value.type === 'step') task.progress('measuring-steps', value.step, value.steps, 'steps')
      else if (value.type === 'features') task.progress('making-tokens', value.done, value.total, 'rows')
      await task.breathe()
    }
  } catch (thrown) {
    // What was opened is closed, also where the person stopped it between two events.
    await run.return(undefined as T)
    throw thrown
  }
  return next.value
}
