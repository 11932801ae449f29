import { z } from 'zod'

/** Version of a selection of rows that this program writes and reads. */
export const rowSelectionVersion = 1

const column = z.string().min(1)

/** Compares a column's value with another: `=` and `!=` as text, `~` and `!~` by what it contains, the rest as numbers. */
export const filterRelations = ['=', '!=', '~', '!~', '<', '<=', '>', '>='] as const

/** A condition that a row has to meet. */
export const rowFilter = z.strictObject({
  column,
  /** What of the column: its value, or how many characters it has. */
  of: z.enum(['value', 'length']).default('value'),
  relation: z.enum(filterRelations),
  value: z.string(),
})

/** What may be odd about a row and can be a reason to leave it out of training. */
export const rowOddities = [
  /** Another row before it has the same prompt and the same answer. */
  'repeated',
  /** Another row before it is almost the same: nine of ten of its pieces of text. */
  'nearly-repeated',
  /** Another row has the same prompt and another answer. */
  'contradicted',
  /** A held-out row has the same prompt. */
  'held-out',
  /** A held-out row is almost the same. */
  'nearly-held-out',
  /** Nothing but spaces to learn. */
  'empty-answer',
  /** A column of the prompt is empty. */
  'empty-field',
  /** U+FFFD, which stands for a character that was lost. */
  'lost-characters',
  /** Characters that control a terminal or a printer. */
  'control-characters',
  /** Text that was read in a wrong encoding, such as `Ã©` for `é`. */
  'misread-characters',
  /** The answer stands in the prompt. */
  'answer-in-prompt',
] as const

export const rowOddity = z.enum(rowOddities)

/** Text that a person puts in the place of a row. It is kept with the run; the file stays as it is. */
export const rowCorrection = z.strictObject({
  /** Of the row; see `Row`. */
  line: z.int().min(1),
  /** The row as the file should have it. */
  text: z.string().max(1_000_000),
  /** Fingerprint of what the file has there: where it has something else by now, the correction is not used. Null for anything. */
  was: z.int().min(0).nullable().default(null),
  /** Of the file of dev rows. */
  isDev: z.boolean().default(false),
})

/** Which rows of the data are used, and for what. */
export const rowSelection = z.strictObject({
  version: z.literal(rowSelectionVersion).default(rowSelectionVersion),
  /** Rows that are read otherwise than the file has them. */
  corrections: z.array(rowCorrection).max(1000).default([]),
  /** Rows that meet all of them are used, in every part. */
  filters: z.array(rowFilter).default([]),
  /** Rows that are odd in one of these ways are not trained on. */
  leaveOut: z.array(rowOddity).default([]),
  /** Lines of rows that are not trained on, such as those in a rare language; lines without a row say nothing. */
  leaveOutLines: z.array(z.int().min(1)).max(10_000).default([]),
  /** Trains on as many rows of each label as the rarest has. */
  isBalanced: z.boolean().default(false),
  /** Trains on so many rows, drawn by the seed; null for all. */
  sample: z.int().min(1).nullable().default(null),
  /** Rows with the same value in this column go to the same part. */
  groupBy: column.nullable().default(null),
  /** Rows to set aside for evaluation during the run; null for a tenth, at most 2,000. Only where no file has them. */
  devRows: z.int().min(1).nullable().default(null),
  /** Rows to set aside that the run never looks at. */
  testRows: z.int().min(1).nullable().default(null),
})

export type RowSelection = z.infer<typeof rowSelection>
export type RowCorrection = z.infer<typeof rowCorrection>
export type RowFilter = z.infer<typeof rowFilter>
export type RowOddity = z.infer<typeof rowOddity>

/** All rows, as they are. */
export const everyRow: RowSelection = rowSelection.parse({})
