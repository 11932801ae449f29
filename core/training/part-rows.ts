import { chooseTrainingRows, type ChosenRows } from '../data/choose-training-rows.js'
import type { LoadedDataset } from '../data/load-dataset.js'
import { chooseDevLines, selectRows, splitByLines } from '../data/split.js'
import { everyRow, type RowSelection } from '../schema/row-selection.js'

/** The rows of a run by what they are for. */
export interface PartedRows extends ChosenRows {
  readonly dev: LoadedDataset
  /** Rows that the run never looks at; null where none were asked for. */
  readonly test: LoadedDataset | null
  /** Rows that could be trained on, before some were left out. */
  readonly candidates: LoadedDataset
  /** Lines of the dev rows that were set aside; empty where a file has them. */
  readonly devLines: readonly number[]
  readonly testLines: readonly number[]
}

/** What decides the parts. Lines that an earlier session chose are kept. */
export interface PartRequest {
  readonly seed: number
  readonly selection?: RowSelection
  readonly devLines?: readonly number[]
  readonly testLines?: readonly number[]
}

/**
 * Parts the rows of a file: first those that the run never looks at, then those to evaluate on (unless a file has them), then what
 * is left to train on, of which the selection takes away what it does.
 *
 * @param shotLines rows that stand in front of prompts, and are in no part
 * @throws data-insufficient, data-invalid
 */
export function partRows(
  { all, devFile }: { readonly all: LoadedDataset; readonly devFile: LoadedDataset | null },
  { seed, selection = everyRow, ...lines }: PartRequest,
  shotLines: readonly number[],
): PartedRows {
  const isShot = new Set(shotLines)
  const testLines = lines.testLines ?? linesToTest(all, selection, seed)
  const rest = testLines.length === 0 ? all : splitByLines(all, testLines).train
  const devLines =
    devFile === null ? (lines.devLines ?? chooseDevLines(rest, seed, selection.devRows ?? undefined)) : []
  const { train: open, dev: set } = splitByLines(rest, devLines)
  const dev = devFile ?? set
  const candidates = isShot.size === 0 ? open : selectRows(open, (line) => !isShot.has(line))
  return {
    ...chooseTrainingRows(candidates, dev, selection, seed),
    dev,
    test: testLines.length === 0 ? null : splitByLines(all, testLines).dev,
    candidates,
    devLines,
    testLines,
  }
}

/** Another seed than the dev rows have: the parts must not depend on each other. */
function linesToTest(all: LoadedDataset, { testRows }: RowSelection, seed: number): readonly number[] {
  return testRows === null ? [] : chooseDevLines(all, (seed ^ 0x7e57) >>> 0, testRows)
}
