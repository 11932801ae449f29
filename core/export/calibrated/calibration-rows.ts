import { dataInsufficient } from '../../data/data-error.js'
import { textExample, type Example } from '../../data/example.js'
import { joinedRows } from '../../data/joined-rows.js'
import { loadDataset } from '../../data/load-dataset.js'
import { tokenCountOf } from '../../data/stored-example.js'
import type { Tokenizer } from '../../data/tokenizer/tokenizer.js'

/** Rows of text that a model reads while it is rounded, and their tokens; fewer where the model's context is shorter. */
const calibrationShape = { count: 64, length: 256 } as const

/** What of a model decides how text is read. */
export interface TextReader {
  readonly tokenizer: Tokenizer
  readonly contextLength: number
}

/**
 * Rows for calibration from a file of text, or of rows with a column `text`.
 *
 * @throws EngineError 'data-insufficient' for less than a row, and those of `loadDataset`
 */
export function readCalibrationRows(
  path: string,
  { tokenizer, contextLength }: TextReader,
): readonly Int32Array[] {
  const { dataset } = loadDataset({
    path,
    task: { version: 1, kind: 'text', text: '{text}' },
    tokenizer,
    contextLength,
    windowTokens: calibrationShape.length,
    purpose: 'evaluate',
    skipBadRows: true,
  })
  return calibrationRows(dataset.examples, path, contextLength)
}

/**
 * Rows for calibration from examples that were read already.
 *
 * @param path of their file, for the message
 * @throws EngineError 'data-insufficient' for less than a row
 */
export function calibrationRows(
  examples: readonly Example[],
  path: string,
  contextLength: number,
): readonly Int32Array[] {
  const length = Math.min(calibrationShape.length, contextLength)
  const texts = examples.map(textExample)
  const rows = joinedRows(texts, { ...calibrationShape, length })
  if (rows.length > 0) return rows
  const found = texts.reduce((sum, example) => sum + tokenCountOf(example), 0)
  const problem = `has ${found} tokens; to calibrate on, it needs ${length} at least, and better ${calibrationShape.count * length}`
  throw dataInsufficient(path, problem)
}
