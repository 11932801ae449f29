import type { TaskGuess } from '../data/guess/guess-reason.js'
import { EngineError } from '../schema/engine-error.js'
import type { TextTask } from '../schema/task.js'
import { readJob, runFolder } from './run-folder.js'

/** A run by the name that it is called by. */
export interface NamedRun {
  readonly name: string
  readonly path: string
}

/**
 * The task of the newest run whose rows had the same columns, in whatever order, so that what a person set up once is there again;
 * null where there is none.
 *
 * @param isUsable a task that the host can work with
 */
export function earlierTask(
  runs: readonly NamedRun[],
  columns: readonly string[],
  isUsable: (task: TextTask) => boolean = () => true,
): TaskGuess | null {
  const wanted = namesOf(columns)
  let newest: { readonly date: string; readonly guess: TaskGuess } | null = null
  for (const { name, path } of runs) {
    try {
      const { date, data, task } = readJob(runFolder(path))
      if (task.kind === 'tensors' || namesOf(data.columns) !== wanted || !isUsable(task)) continue
      if (data.columns.length === 0) continue
      if (newest !== null && newest.date >= date) continue
      newest = { date, guess: { task, reason: { code: 'same-columns', run: name } } }
    } catch (thrown) {
      // A run that cannot be read suggests nothing.
      if (!(thrown instanceof EngineError)) throw thrown
    }
  }
  return newest?.guess ?? null
}

function namesOf(columns: readonly string[]): string {
  return JSON.stringify(columns.toSorted())
}
