import { earlierTask as taskOfRuns, type ColumnStatistics, type TaskGuess } from '../../core/index.js'
import type { RunFolders } from './run-records.js'

/**
 * The task of the newest run whose rows had the same columns. A task in Jinja, or with rows in front of its prompts, is for the command
 * line: the page cannot show it whole.
 */
export function earlierTask(
  folders: RunFolders,
  columns: readonly Pick<ColumnStatistics, 'name'>[],
): TaskGuess | null {
  const runs = folders.list().map((runId) => ({
    name: folders.readRecord(runId)?.name ?? runId,
    path: folders.find(runId),
  }))
  return taskOfRuns(
    runs,
    columns.map(({ name }) => name),
    (task) => !('syntax' in task && task.syntax === 'jinja') && !('shots' in task),
  )
}
