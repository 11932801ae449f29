import { z } from 'zod'
import { textTask } from '../../core/schema/task.js'
import { bytes, count, handle, nothing, taskId, typedPath } from './names.js'

/** Longest text that can be pasted, in characters. A browser gives a dropped file's text, not its path. */
export const longestPaste = 64_000_000
/** Longest row that can be corrected, in characters. */
export const longestEdited = 100_000
/** Most rows of one `data.rows`. */
export const mostRows = 500
/** Characters of a value that are shown in a table. */
export const shownCharacters = 2000

/** A data file that can be chosen. */
export const dataEntry = z.strictObject({
  data: handle,
  name: z.string(),
  source: z.enum(['file', 'pasted', 'embedded']),
  fileBytes: bytes,
  location: z.string(),
  usedAt: z.iso.datetime().nullable(),
})

export const dataColumn = z.strictObject({
  name: z.string(),
  kind: z.enum(['text', 'number', 'boolean', 'messages', 'object', 'empty']),
  /** Rows with a value that is not empty. */
  filledCount: count,
  /** Null beyond 1,000. */
  distinctCount: count.nullable(),
  longestCharacters: count,
  /** Up to three values, shortened. */
  samples: z.array(z.string()),
})

const named = z.string()

/** Why a task was guessed. */
export const guessReason = z.discriminatedUnion('code', [
  z.strictObject({ code: z.literal('same-columns'), run: named }),
  z.strictObject({ code: z.literal('messages-column'), column: named }),
  z.strictObject({ code: z.literal('better-answer'), chosen: named, rejected: named }),
  z.strictObject({ code: z.literal('instruction-and-answer'), prompt: named, answer: named }),
  z.strictObject({
    code: z.literal('question-and-context'),
    prompt: named,
    context: named,
    answer: named,
  }),
  z.strictObject({ code: z.literal('prompt-and-answer'), prompt: named, answer: named }),
  z.strictObject({ code: z.literal('label-name'), column: named, distinctCount: count }),
  z.strictObject({
    code: z.literal('few-distinct-values'),
    column: named,
    distinctCount: count,
    rowCount: count,
  }),
  z.strictObject({ code: z.literal('two-text-columns'), prompt: named, answer: named }),
  z.strictObject({ code: z.literal('one-text-column'), column: named }),
])

/** A row that cannot be used, or that is empty. */
export const badRow = z.strictObject({
  line: count,
  column: z.string(),
  problem: z.string(),
  /** The start of the row as the file has it; empty where that is no text. */
  preview: z.string(),
})

export const dataDescription = z.strictObject({
  entry: dataEntry,
  format: z.enum(['csv', 'tsv', 'pipes', 'jsonl', 'json', 'lines', 'parquet', 'folder']),
  columns: z.array(dataColumn),
  rowCount: count,
  emptyRowCount: count,
  badRowCount: count,
  /** The first 200, bad and empty. */
  badRows: z.array(badRow),
  /** Null where no task suggests itself. */
  guess: z.strictObject({ task: textTask, reason: guessReason }).nullable(),
})

export const dataRequests = {
  /** Recent data files. */
  'data.list': {
    answeredBy: 'engine',
    input: nothing,
    output: z.strictObject({ files: z.array(dataEntry) }),
  },
  /** Shows a file dialog. Null where the person cancels; 'not-available' in the browser host. */
  'data.pick': { answeredBy: 'host', input: nothing, output: dataEntry.nullable() },
  /** A path typed or dropped. */
  'data.open': { answeredBy: 'engine', input: z.strictObject({ path: typedPath }), output: dataEntry },
  /** Rows as text; kept in a file of the app. The format follows from the name, or from the text. */
  'data.paste': {
    answeredBy: 'engine',
    input: z.strictObject({
      text: z.string().min(1).max(longestPaste),
      /** Of the file, where one was dropped; shown, and used for nothing else than the format. */
      name: z.string().max(255).nullable(),
    }),
    output: dataEntry,
  },
  /** The example that comes with the program. */
  'data.embedded': {
    answeredBy: 'engine',
    input: nothing,
    output: z.strictObject({ train: dataEntry, dev: dataEntry, task: textTask }),
  },
  'data.describe': {
    answeredBy: 'engine',
    input: z.strictObject({
      taskId,
      data: handle,
      /** That the rows are for; null where none is chosen yet. */
      model: handle.nullable(),
    }),
    output: dataDescription,
  },
  /** A part of the table; values beyond `shownCharacters` are cut and end in an ellipsis. */
  'data.rows': {
    answeredBy: 'engine',
    input: z.strictObject({ data: handle, offset: count, count: z.int().min(1).max(mostRows) }),
    output: z.strictObject({
      offset: count,
      total: count,
      /** `values` in the order of the description's columns. */
      rows: z.array(z.strictObject({ line: count, values: z.array(z.string()) })),
    }),
  },
  /** The text of a row as the file has it, to correct it. */
  'data.rawRow': {
    answeredBy: 'engine',
    input: z.strictObject({ data: handle, line: z.int().min(1) }),
    output: z.strictObject({
      /** Null where rows have no text, or one that is too long to edit. */
      text: z.string().max(longestEdited).nullable(),
      /** Of the text, for `RowCorrection`. */
      was: count,
    }),
  },
} as const

export type DataEntry = z.infer<typeof dataEntry>
export type DataColumn = z.infer<typeof dataColumn>
export type DataDescription = z.infer<typeof dataDescription>
export type GuessReason = z.infer<typeof guessReason>
export type BadRow = z.infer<typeof badRow>
