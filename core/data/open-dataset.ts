import type { RowCorrection, RowFilter } from '../schema/row-selection.js'
import { withCorrections } from './corrected-rows.js'
import type { ExampleContext } from './example-context.js'
import { readLayout, type Layout } from './layout.js'
import { mapColumns } from './map-columns.js'
import { frameOf, planExamples, type ExamplePlan, type TaskForModel } from './plan-examples.js'
import type { Row } from './row.js'
import { rowTest } from './row-filters.js'
import { taskColumns } from './task-columns.js'
import { TokenStore } from './token-store.js'
import { requestInvalid } from '../schema/request-invalid.js'

const defaultWindowTokens = 512

/** What to read, and how. */
export interface DatasetRequest extends TaskForModel {
  readonly path: string
  /** The model's context, in tokens. */
  readonly contextLength: number
  /** Training needs rows of two labels at least. */
  readonly purpose: 'train' | 'evaluate'
  /** Columns of the training file, where this is another one: a renamed column is then recognised. */
  readonly knownColumns?: readonly string[]
  /** Go on after a row that cannot be used. */
  readonly skipBadRows?: boolean
  /** Use the first rows only. */
  readonly limit?: number
  /** Rows that are read otherwise than the file has them. */
  readonly corrections?: readonly RowCorrection[]
  /** Rows that do not meet all of them are passed over. */
  readonly filters?: readonly RowFilter[]
  /** Column whose value says which rows belong together. */
  readonly groupBy?: string | null
  /** Note what rows are almost the same. */
  readonly hasSignatures?: boolean
  /** Tokens of one window of running text; 512 or the context, if that is smaller. */
  readonly windowTokens?: number
  /** A folder for the tokens that are too many for memory; all stay there where it is left out. */
  readonly scratchFolder?: string | null
}

/** What is known of a file before its rows are read. */
export interface OpenDataset {
  readonly layout: Layout
  readonly columnOf: (name: string) => string
  readonly notices: readonly string[]
  /** Whether a row meets the filters. */
  readonly passes: (row: Row) => boolean
  readonly context: ExampleContext
  readonly plan: ExamplePlan
}

/**
 * Finds out how a file is written and how its rows become examples.
 *
 * @throws file-unreadable, data-invalid, data-insufficient, request-invalid, template-invalid
 */
export function openDataset(request: DatasetRequest): OpenDataset {
  const { path, tokenizer, contextLength, skipBadRows = false, limit = Infinity, purpose } = request
  const { filters = [], groupBy = null, corrections = [] } = request
  const layout = withCorrections(readLayout(path), corrections)
  const named = [...filters.map(({ column }) => column), ...(groupBy === null ? [] : [groupBy])]
  const needed = [...taskColumns(request.task), ...named]
  const { columnOf, notices } = mapColumns(path, needed, layout.columns, request.knownColumns)
  const passes = rowTest(filters, columnOf)
  const source = {
    path,
    tokenizer,
    layout,
    columnOf,
    limit,
    skipBadRows,
    purpose,
    ...(filters.length > 0 && { passes }),
  }
  const windowTokens = windowTokensOf(request)
  const store = new TokenStore({ scratchFolder: request.scratchFolder ?? null })
  const context = { path, tokenizer, contextLength, columnOf, windowTokens, frame: frameOf(request), store }
  return { layout, columnOf, notices, passes, context, plan: planExamples(request, source, context) }
}

function windowTokensOf({ windowTokens = defaultWindowTokens, contextLength }: DatasetRequest): number {
  const fitting = Math.min(windowTokens, contextLength)
  if (fitting >= 2) return fitting
  throw requestInvalid(`expected windows of two tokens or more, found ${fitting}`)
}
