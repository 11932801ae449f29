import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TrainEvent } from '../core/schema/events.js'
import type { RecipeName } from '../core/schema/recipe.js'
import { runTraining } from './run-cli.js'
import { sharedFiles } from './sst2.js'
import type { BenchTask } from './tasks.js'

export interface TaskRun {
  readonly recipe: RecipeName
  readonly steps: number
  readonly evaluateEvery: number
  readonly seed: number
  /** Where the run's own folder is made, and its task is written. */
  readonly folder: string
  /** Of the run's folder; `run` unless said. */
  readonly name?: string
  readonly flags?: readonly string[]
}

/** Trains SmolLM2 on a task through the command line, in a process of its own, and gives all events. */
export function trainOnTask(
  { task, train, dev, rows, batchSize }: BenchTask,
  { recipe, steps, evaluateEvery, seed, folder, name = 'run', flags = [] }: TaskRun,
  onEvent?: (event: TrainEvent) => void,
): Promise<TrainEvent[]> {
  const taskPath = join(folder, 'task.json')
  writeFileSync(taskPath, JSON.stringify(task))
  return runTraining(
    [
      ...['train', sharedFiles().model, '--data', train, '--dev', dev, '--rows', String(rows)],
      ...['--task', taskPath, '--recipe', recipe, '--steps', String(steps), '--batch', String(batchSize)],
      ...[
        '--eval-every',
        String(evaluateEvery),
        '--seed',
        String(seed),
        '--out',
        join(folder, name),
        ...flags,
      ],
    ],
    onEvent,
  )
}
