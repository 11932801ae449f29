/** How well one label is found. */
export interface LabelFigures {
  /** Rows that have it. */
  readonly rows: number
  /** Of those said to have it, the share that does; 0 where none is said to. */
  readonly precision: number
  /** Of those that have it, the share that is said to; 0 where none has. */
  readonly recall: number
  /** 2PR / (P + R); 0 where both are 0. */
  readonly f1: number
}

/**
 * Precision, recall and F1 of each label.
 *
 * @param confusion rows by true label, columns by the label that was said
 */
export function labelFigures(confusion: readonly (readonly number[])[]): LabelFigures[] {
  return confusion.map((row, label) => {
    const right = row[label]
    const rows = row.reduce((sum, count) => sum + count, 0)
    const said = confusion.reduce((sum, each) => sum + each[label], 0)
    const precision = said === 0 ? 0 : right / said
    const recall = rows === 0 ? 0 : right / rows
    const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall)
    return { rows, precision, recall, f1 }
  })
}

/** Mean F1 of the labels that rows have or were said to have, each counting the same. */
export function macroF1(confusion: readonly (readonly number[])[]): number {
  const figures = labelFigures(confusion)
  const met = figures.filter(({ rows }, label) => rows > 0 || confusion.some((row) => row[label] > 0))
  return met.reduce((sum, { f1 }) => sum + f1, 0) / met.length
}
