import { isConversation, type Task } from '../schema/task.js'
import { collectBadRows, type BadRow } from './bad-rows.js'
import { dataInsufficient, requestInvalid } from './data-error.js'
import { EngineError } from '../schema/engine-error.js'
import type { Dataset, Example } from './example.js'
import { labelOptions } from './label-options.js'
import { pairExamples } from './pair-examples.js'
import { readLayout } from './layout.js'
import { mapColumns } from './map-columns.js'
import { answerExamples } from './answer-examples.js'
import { chatExamples } from './chat-examples.js'
import type { ExampleContext, ExampleMaker } from './example-context.js'
import { labelExamples } from './label-examples.js'
import { promptFrame, type ChatEncoder, type PromptFrame, type Shot } from './prompt-frame.js'
import { textExamples } from './text-examples.js'
import { readRows } from './read-rows.js'
import { noRows, resolveLabels, type LabelSource, type ResolvedLabelsTask } from './resolve-labels.js'
import { fingerprint } from './row-fingerprint.js'
import { taskColumns } from './task-columns.js'
import type { Tokenizer } from './tokenizer/tokenizer.js'

const defaultWindowTokens = 512

/** What to read, and how. */
export interface DatasetRequest {
  readonly path: string
  readonly task: Task
  readonly tokenizer: Tokenizer
  /** The model's context, in tokens. */
  readonly contextLength: number
  /** Training needs rows of two labels at least. */
  readonly purpose: 'train' | 'evaluate'
  /** The model's chat template; needed for a chat task, and for prompts that are put as messages. */
  readonly chat?: ChatEncoder
  /** Rows with their answers in front of every prompt. */
  readonly shots?: readonly Shot[]
  /** Columns of the training file, where this is another one: a renamed column is then recognised. */
  readonly knownColumns?: readonly string[]
  /** Go on after a row that cannot be used. */
  readonly skipBadRows?: boolean
  /** Use the first rows only. */
  readonly limit?: number
  /** Tokens of one window of running text; 512 or the context, if that is smaller. */
  readonly windowTokens?: number
}

/** A data file, ready for the model. */
export interface LoadedDataset {
  readonly path: string
  readonly dataset: Dataset
  /** The task with everything filled in that was found in the file: label column and labels. */
  readonly task: Task
  readonly columns: readonly string[]
  /** One entry a used row: its line, and the fingerprint of what the model is given. */
  readonly rows: { readonly lines: Uint32Array; readonly fingerprints: Float64Array }
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
export function loadDataset(request: DatasetRequest): LoadedDataset {
  const loading = loadingDataset(request)
  let next = loading.next()
  while (next.done !== true) next = loading.next()
  return next.value
}

/** Rows between two reports of how many were read. */
const rowsPerReport = 500

/** As `loadDataset`, in pieces: yields how many rows were read so far, so that a host can answer others or stop. */
export function* loadingDataset(request: DatasetRequest): Generator<number, LoadedDataset> {
  const { path, tokenizer, contextLength, skipBadRows = false, limit = Infinity } = request
  const layout = readLayout(path)
  const needed = taskColumns(request.task)
  const { columnOf, notices } = mapColumns(path, needed, layout.columns, request.knownColumns)
  const source = { path, tokenizer, layout, columnOf, limit, skipBadRows, purpose: request.purpose }
  const windowTokens = windowTokensOf(request)
  const context = { path, tokenizer, contextLength, columnOf, windowTokens, frame: frameOf(request) }
  const { task, objective, make } = planExamples(request, source, context)
  const badRows = collectBadRows(skipBadRows)
  const examples: Example[] = []
  const lines: number[] = []
  const fingerprints: number[] = []
  for (const row of readRows(path, layout, badRows)) {
    if (lines.length >= limit) break
    try {
      const made = make(row)
      for (const example of made.examples) examples.push(example)
      lines.push(row.line)
      fingerprints.push(fingerprint(made.input))
    } catch (thrown) {
      if (!isBadRow(thrown)) throw thrown
      badRows.report(thrown, row.text?.())
    }
    if (lines.length % rowsPerReport === 0) yield lines.length
  }
  if (lines.length === 0) throw dataInsufficient(path, noRows(badRows.messages()))
  return {
    path,
    dataset: { objective, examples },
    task,
    columns: layout.columns,
    rows: { lines: Uint32Array.from(lines), fingerprints: Float64Array.from(fingerprints) },
    skippedCount: badRows.count(),
    skippedMessages: badRows.messages(),
    skippedRows: badRows.rows(),
    notices: [...layout.notices, ...notices],
  }
}

/** Prompts of running text and of whole conversations stand for themselves. */
function frameOf({ task, tokenizer, chat, shots = [] }: DatasetRequest): PromptFrame {
  const usesChat = task.kind !== 'chat' && isConversation(task)
  return promptFrame({ tokenizer, chat: chat ?? null, usesChat, shots })
}

function isBadRow(thrown: unknown): thrown is EngineError {
  return (
    thrown instanceof EngineError && (thrown.code === 'data-invalid' || thrown.code === 'prompt-too-long')
  )
}

function planExamples(
  { task, tokenizer, chat }: DatasetRequest,
  source: LabelSource,
  context: ExampleContext,
): { task: Task; objective: Dataset['objective']; make: ExampleMaker } {
  switch (task.kind) {
    case 'labels': {
      const resolved = resolveLabels(task, source)
      const options = labelOptions(spokenLabels(resolved), tokenizer)
      return {
        task: resolved,
        objective: { kind: 'labels', options },
        make: labelExamples(resolved, options, context),
      }
    }
    case 'answer':
      return { task, objective: { kind: 'answer' }, make: answerExamples(task, context) }
    case 'preference':
      return { task, objective: { kind: 'preference', beta: task.beta }, make: pairExamples(task, context) }
    case 'text':
      return { task, objective: { kind: 'text' }, make: textExamples(task, context) }
    case 'chat': {
      if (!chat) throw requestInvalid('this model has no chat template, which a chat task needs')
      return { task, objective: { kind: 'answer' }, make: chatExamples(task, chat, context) }
    }
  }
}

/** In a conversation an answer stands alone, without the space that parts it from a prompt. */
function spokenLabels({ labels, chat }: ResolvedLabelsTask): Readonly<Record<string, string>> {
  if (chat !== true) return labels
  return Object.fromEntries(Object.entries(labels).map(([name, text]) => [name, text.trim()]))
}

function windowTokensOf({ windowTokens = defaultWindowTokens, contextLength }: DatasetRequest): number {
  const fitting = Math.min(windowTokens, contextLength)
  if (fitting >= 2) return fitting
  throw requestInvalid(`expected windows of two tokens or more, found ${fitting}`)
}
