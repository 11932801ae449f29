import type { Task, TextTask } from '../schema/task.js'
import { collectBadRows, type BadRow } from './bad-rows.js'
import { dataInsufficient, dataInvalid, isBadRow } from './data-error.js'
import type { Dataset, TextExample } from './example.js'
import { openDataset, type DatasetRequest } from './open-dataset.js'
import { readRows } from './read-rows.js'
import type { Shot } from './prompt-frame.js'
import { noRows } from './resolve-labels.js'
import { RowNotebook, type RowNotes, type RowTallies } from './row-notes.js'
import { promptColumns, sourceColumn, taskColumns } from './task-columns.js'

/** A data file, ready for the model. */
export interface LoadedDataset {
  readonly path: string
  readonly dataset: Dataset
  /** The task with everything filled in that was found in the file: label column and labels. */
  readonly task: Task
  readonly columns: readonly string[]
  /** One entry a used row. */
  readonly rows: RowNotes
  /** Of the whole file, also where this is a part of it; empty unless signatures were asked for. */
  readonly tallies: RowTallies
  /** Rows that the filters passed over. */
  readonly filteredCount: number
  /** Rows left out, and what was wrong with the first of them. */
  readonly skippedCount: number
  readonly skippedMessages: readonly string[]
  /** The first 200 of them. */
  readonly skippedRows: readonly BadRow[]
  /** What a person should know about how the file was read. */
  readonly notices: readonly string[]
}

/**
 * Reads a data file into examples, one row at a time: of a row, only its token ids are kept.
 *
 * @throws file-unreadable, data-invalid, data-insufficient, prompt-too-long, request-invalid
 */
export function loadDataset(request: DatasetRequest): LoadedTexts {
  const loading = loadingDataset(request)
  let next = loading.next()
  while (next.done !== true) next = loading.next()
  return next.value
}

/** A data file with texts. */
export interface LoadedTexts extends LoadedDataset {
  readonly dataset: Dataset<TextExample>
  readonly task: TextTask
}

/** Rows between two reports of how many were read. */
const rowsPerReport = 500

/** As `loadDataset`, in pieces: yields how many rows were read so far, so that a host can answer others or stop. */
export function* loadingDataset(request: DatasetRequest): Generator<number, LoadedTexts> {
  const { path, skipBadRows = false, limit = Infinity, groupBy = null } = request
  const { layout, columnOf, notices, passes, plan } = openDataset(request)
  const { task, objective, make } = plan
  const badRows = collectBadRows(skipBadRows)
  const examples: TextExample[] = []
  const notebook = new RowNotebook({
    fieldColumns: promptColumns(task).map(columnOf),
    groupColumn: groupBy === null ? null : columnOf(groupBy),
    sourceColumn: sourceColumn(layout.columns, taskColumns(task).map(columnOf)),
    hasSignatures: request.hasSignatures === true,
    scratchFolder: request.scratchFolder ?? null,
    hasAnswers: task.kind !== 'text' && task.kind !== 'chat',
  })
  let filteredCount = 0
  for (const row of readRows(path, layout, badRows)) {
    if (notebook.count >= limit) break
    try {
      if (passes(row)) {
        const made = make(row)
        for (const example of made.examples) examples.push(example)
        notebook.add(row, made)
      } else filteredCount++
    } catch (thrown) {
      if (!isBadRow(thrown)) throw thrown
      badRows.report(thrown, row.text?.())
    }
    if (notebook.count % rowsPerReport === 0) yield notebook.count
  }
  if (notebook.count === 0) {
    throw dataInsufficient(path, noRows(badRows.messages(), filteredCount > 0))
  }
  return {
    path,
    dataset: { objective, examples },
    task,
    columns: layout.columns,
    rows: notebook.notes(),
    tallies: notebook.tallies(),
    filteredCount,
    skippedCount: badRows.count(),
    skippedMessages: badRows.messages(),
    skippedRows: badRows.rows(),
    notices: [...layout.notices, ...notices],
  }
}

/**
 * Prompts and answers of some rows, in the order of `lines`.
 *
 * @throws data-invalid where one of them is no usable row (any more)
 */
export function readShots(request: DatasetRequest, lines: readonly number[]): readonly Shot[] {
  const { layout, plan } = openDataset({ ...request, shots: [] })
  const wanted = new Set(lines)
  const found = new Map<number, Shot>()
  for (const row of readRows(request.path, layout, collectBadRows(true))) {
    if (!wanted.has(row.line)) continue
    const { input, answer } = plan.make(row)
    found.set(row.line, { prompt: input, answer })
    if (found.size === wanted.size) break
  }
  return lines.map((line) => {
    const shot = found.get(line)
    if (shot !== undefined) return shot
    throw dataInvalid(request.path, line, '', 'expected a usable row to put in front of prompts, found none')
  })
}
