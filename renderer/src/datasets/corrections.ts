import type { RowCorrection, RowSelection } from '../../../core/schema/row-selection.js'

type Place = Pick<RowCorrection, 'line' | 'isDev'>

/** The correction of a row; undefined where there is none. */
export function correctionOf({ corrections }: RowSelection, row: Place): RowCorrection | undefined {
  return corrections.find((each) => isSame(each, row))
}

/** With a correction, in the place of an earlier one of the same row. */
export function withCorrection(rows: RowSelection, correction: RowCorrection): RowSelection {
  return { ...rows, corrections: [...withoutCorrection(rows, correction).corrections, correction] }
}

/** With a row as the file has it. */
export function withoutCorrection(rows: RowSelection, row: Place): RowSelection {
  return { ...rows, corrections: rows.corrections.filter((each) => !isSame(each, row)) }
}

/** For another file of held-out rows. */
export function withoutDevCorrections(rows: RowSelection): RowSelection {
  return { ...rows, corrections: rows.corrections.filter(({ isDev }) => !isDev) }
}

function isSame(left: Place, right: Place): boolean {
  return left.line === right.line && left.isDev === right.isDev
}
