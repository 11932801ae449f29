import { rowProblem } from '../data/row-problem.js'
import { requireText } from '../schema/task.js'
import type { RowCorrection } from '../schema/row-selection.js'
import type { RunData } from './open-data.js'
import type { RowReader } from './row-reader.js'

/**
 * What is wrong with a row as it was corrected, for this task and this model; null where it can be used.
 *
 * @param data the rows as they were read before
 */
export function tryRow(
  { job, task }: RunData,
  { tokenizer, chat, model }: RowReader,
  { line, text, isDev }: Pick<RowCorrection, 'line' | 'text' | 'isDev'>,
): string | null {
  const request = {
    path: isDev ? (job.dev?.path ?? job.path) : job.path,
    task: requireText(task),
    tokenizer,
    contextLength: Math.min(model.description.contextLength, job.maximumTokens ?? Infinity),
    knownColumns: job.columns,
    ...(chat !== null && { chat }),
  }
  return rowProblem(request, line, text)
}
