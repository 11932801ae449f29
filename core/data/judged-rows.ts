import { collectBadRows } from './bad-rows.js'
import { promptRenderer, rowRenderer } from './example-context.js'
import { openDataset, type DatasetRequest } from './open-dataset.js'
import { readRows } from './read-rows.js'
import { requestInvalid } from '../schema/request-invalid.js'
import type { Task } from '../schema/task.js'

/** A row whose answer is judged: what the model is asked, and what counts as right. */
export interface JudgedRow {
  readonly line: number
  /** Ids of the prompt with all that stands around it. */
  readonly prompt: readonly number[]
  /** The first is the answer that is trained on. */
  readonly accepted: readonly string[]
  /** Answers to choose from; empty where the model is to write one. */
  readonly options: readonly { readonly text: string; readonly tokens: readonly number[] }[]
}

/**
 * Reads rows to judge answers on.
 *
 * @param lines of the rows that are wanted
 * @throws request-invalid where the task has no answers, and the errors of `openDataset`
 */
export function judgedRows(
  { task, ...request }: Omit<DatasetRequest, 'task'> & { readonly task: Task },
  lines: ReadonlySet<number>,
): readonly JudgedRow[] {
  if (task.kind !== 'answer') throw requestInvalid('only answers are written or chosen: the task has none')
  const { layout, context } = openDataset({ ...request, task })
  const prompt = promptRenderer(task, context)
  const answer = rowRenderer(task.answer, task.syntax, context)
  const linesOf = (template: string | undefined): ((row: Parameters<typeof answer>[0]) => string[]) => {
    if (template === undefined) return () => []
    const render = rowRenderer(template, task.syntax, context)
    return (row) => [
      ...new Set(
        render(row)
          .split('\n')
          .filter((line) => line.trim() !== ''),
      ),
    ]
  }
  const [accepted, options] = [linesOf(task.accepted), linesOf(task.options)]
  const found: JudgedRow[] = []
  for (const row of readRows(request.path, layout, collectBadRows(true))) {
    if (!lines.has(row.line)) continue
    found.push({
      line: row.line,
      prompt: prompt(row).tokens,
      accepted: [...new Set([answer(row), ...accepted(row)])],
      options: options(row).map((text) => ({ text, tokens: context.frame.answer(text) })),
    })
  }
  return found
}
