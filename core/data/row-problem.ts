import { badRowOf } from './bad-rows.js'
import { isBadRow } from './data-error.js'
import type { ExampleContext, ExampleMaker } from './example-context.js'
import { readLayout } from './layout.js'
import { mapColumns } from './map-columns.js'
import type { DatasetRequest } from './open-dataset.js'
import { parseRow } from './parse-row.js'
import { frameOf, planExamples, planLabels } from './plan-examples.js'
import { isResolved } from './resolve-labels.js'
import { taskColumns } from './task-columns.js'
import { TokenStore } from './token-store.js'

/** What decides whether a row can be used; with the labels of a labels task filled in, only the start of the file is read. */
type RowRequest = Omit<DatasetRequest, 'purpose' | 'skipBadRows' | 'limit' | 'filters' | 'hasSignatures'>

/**
 * What is wrong with the text of a row, where it stands for line `line` of a file; null where it can be used.
 *
 * @throws file-unreadable, data-invalid, request-invalid where the file and the task do not go together
 */
export function rowProblem(request: RowRequest, line: number, text: string): string | null {
  const { path, task, tokenizer, contextLength, knownColumns } = request
  const layout = readLayout(path)
  const fields = parseRow(layout, text)
  if (typeof fields === 'string') return fields
  const { columnOf } = mapColumns(path, taskColumns(task), layout.columns, knownColumns)
  const windowTokens = Math.min(request.windowTokens ?? contextLength, contextLength)
  const store = new TokenStore({ scratchFolder: null })
  const context = { path, tokenizer, contextLength, columnOf, windowTokens, frame: frameOf(request), store }
  try {
    makerOf(request, context, { layout, columnOf })({ line, fields })
    return null
  } catch (thrown) {
    if (!isBadRow(thrown)) throw thrown
    return badRowOf(thrown, text).problem
  }
}

function makerOf(
  request: RowRequest,
  context: ExampleContext,
  file: Pick<Parameters<typeof planExamples>[1], 'layout' | 'columnOf'>,
): ExampleMaker {
  const { path, task, tokenizer } = request
  if (task.kind === 'labels' && isResolved(task)) return planLabels(task, tokenizer, context).make
  const source = { path, tokenizer, ...file, limit: Infinity, skipBadRows: true, purpose: 'train' as const }
  return planExamples(request, source, context).make
}
