import { z } from 'zod'
import { rowOddity, rowSelection } from '../../core/schema/row-selection.js'
import { textTask } from '../../core/schema/task.js'
import { count, handle, taskId } from './names.js'
import { badRow, longestEdited } from './data.js'

/** What was chosen in the first two steps: enough to check the rows, and to plan. */
export const selection = z.strictObject({
  model: handle,
  train: handle,
  /** Null: rows of the training file are set aside. */
  dev: handle.nullable(),
  task: textTask,
  /** Go on without rows that cannot be used. */
  leaveOutBadRows: z.boolean(),
  /** Rows of more tokens cannot be used; null for the model's context. */
  maximumTokens: z.int().min(8).nullable(),
  /** Which rows are used, and for what. */
  rows: rowSelection,
})

/** Text of consecutive tokens that are all trained on, or all not. Joined, the spans are what the model sees. */
export const tokenSpan = z.strictObject({ text: z.string(), isTrained: z.boolean(), tokenCount: count })

export const renderedExample = z.strictObject({
  line: count,
  spans: z.array(tokenSpan),
  tokenCount: count,
  trainedCount: count,
})

/** A label with the number of its rows. */
export const labelCount = z.strictObject({
  /** As the file writes it. */
  name: z.string(),
  /** As the model reads it. */
  text: z.string(),
  trainCount: count,
  devCount: count,
})

/** Training rows that are odd in one way. */
export const rowFinding = z.strictObject({
  oddity: rowOddity,
  count,
  /** The first 200, ascending. */
  lines: z.array(count),
  /** The row that each is the same as, or stands against; empty where there is none. */
  otherLines: z.array(count),
  isLeftOut: z.boolean(),
})

/** Rows that have something in common. */
export const rowTally = z.strictObject({ name: z.string(), rows: count })

/** A row of either file that cannot be used. */
export const checkedBadRow = badRow.extend({ isDev: z.boolean() })

export const dataCheck = z.strictObject({
  /** The task with labels and label column filled in. */
  task: textTask,
  trainRows: count,
  devRows: count,
  /** Three of the training rows. */
  examples: z.array(renderedExample),
  /** Training rows by their exact length, shortest first: with it, any maximum says how many rows it cuts. */
  tokenLengths: z.array(z.strictObject({ tokens: count, rows: count })),
  longestTokens: count,
  medianTokens: count,
  contextLength: count,
  /** Empty where the task has no labels. */
  labels: z.array(labelCount),
  /** Held-out rows that are also trained on. */
  duplicates: z.strictObject({
    count,
    firstRows: z.array(z.strictObject({ trainLine: count, devLine: count })),
  }),
  /** Training rows to look at, whether or not they are left out. */
  findings: z.array(rowFinding),
  /** Rows of the training file by the writing system of their prompts, and by where they come from. */
  scripts: z.array(rowTally),
  sources: z.array(rowTally),
  /** Of their prompts, as far as they are long enough to tell; of some rows where there are many. */
  languages: z.strictObject({
    sampledRows: count,
    unsureRows: count,
    /** The commonest first. */
    found: z.array(
      z.strictObject({
        /** ISO 639-1. */
        language: z.string(),
        rows: count,
        /** All of a rare one, otherwise the first 50. */
        lines: z.array(count),
        isRare: z.boolean(),
      }),
    ),
  }),
  /** Tokens of one pass over all training rows, and how many of them the model learns to write. */
  passTokens: count,
  learnedTokens: count,
  badRowCount: count,
  /** The first 200. */
  badRows: z.array(checkedBadRow),
  /** What else a person should know about how the files were read: sentences of `core/schema/notices.ts`. */
  notices: z.array(z.string()),
})

export const selectionRequests = {
  /** Reads all rows as training would. Bad rows are reported here, never thrown, unless none is left. */
  'data.check': {
    answeredBy: 'engine',
    input: z.strictObject({ taskId, selection }),
    output: dataCheck,
  },
  /** Whether a row could be used if the file had it so. */
  'data.tryRow': {
    answeredBy: 'engine',
    input: z.strictObject({
      taskId,
      selection,
      row: z.strictObject({ line: z.int().min(1), text: z.string().max(longestEdited), isDev: z.boolean() }),
    }),
    output: z.strictObject({
      /** What is wrong with it; null where nothing is. */
      problem: z.string().nullable(),
    }),
  },
} as const

export type Selection = z.infer<typeof selection>
export type TokenSpan = z.infer<typeof tokenSpan>
export type RenderedExample = z.infer<typeof renderedExample>
export type LabelCount = z.infer<typeof labelCount>
export type RowFinding = z.infer<typeof rowFinding>
export type CheckedBadRow = z.infer<typeof checkedBadRow>
export type DataCheck = z.infer<typeof dataCheck>
