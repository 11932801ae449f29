import { EngineError, readJob, runFolder, type ColumnStatistics, type TaskGuess } from '../../core/index.js'
import type { RunFolders } from './run-records.js'

/**
 * The task of the newest run whose rows had the same columns, so that what a person set up once is there again; null where there is
 * none. A task in Jinja, or with rows in front of its prompts, is for the command line: the page cannot show it whole.
 */
export function earlierTask(
  folders: RunFolders,
  columns: readonly Pick<ColumnStatistics, 'name'>[],
): TaskGuess | null {
  const wanted = namesOf(columns.map(({ name }) => name))
  let newest: { readonly date: string; readonly guess: TaskGuess } | null = null
  for (const runId of folders.list()) {
    try {
      const { date, data, task } = readJob(runFolder(folders.find(runId)))
      const isWhole = !('syntax' in task && task.syntax === 'jinja') && !('shots' in task)
      if (!isWhole || data.columns.length === 0 || namesOf(data.columns) !== wanted) continue
      if (newest !== null && newest.date >= date) continue
      const run = folders.readRecord(runId)?.name ?? runId
      newest = { date, guess: { task, reason: { code: 'same-columns', run } } }
    } catch (thrown) {
      // A run that cannot be read suggests nothing.
      if (!(thrown instanceof EngineError)) throw thrown
    }
  }
  return newest?.guess ?? null
}

/** The same for the same columns in another order. */
function namesOf(columns: readonly string[]): string {
  return JSON.stringify(columns.toSorted())
}
