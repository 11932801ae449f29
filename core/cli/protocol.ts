import type { RowSelection } from '../schema/row-selection.js'
import type { Task } from '../schema/task.js'

/** How results become comparable with published ones. */
export const protocols = ['mezo'] as const
export type Protocol = (typeof protocols)[number]

/**
 * MeZO's: 1,000 rows to train on and 500 to choose the best state by (100 of the two small sets) from the training file, 1,000 to
 * measure on from the validation file, all drawn by the seed. Options are compared by mean log-probability, which is what this
 * program does anyway; written answers end at a line break or after 50 tokens. The draws are this program's, not NumPy's, so
 * the rows are not those of the paper.
 *
 * Source: Malladi et al. 2023, section 3 and appendix E, arXiv:2305.17333, and its published code.
 */
export const mezo = {
  trainRows: 1000,
  devRows: 500,
  fewDevRows: 100,
  testRows: 1000,
  maxTokens: 50,
  stop: '\n',
}

/** The sets that are too small for 500. */
const smallSets = /^mezo\/(?:cb|copa)$/

/** A selection as a protocol has it. @param task name of the task file, where one was named */
export function selectionOf(
  protocol: Protocol | undefined,
  selection: RowSelection,
  task: string | undefined,
): RowSelection {
  if (protocol === undefined) return selection
  const devRows = smallSets.test(task ?? '') ? mezo.fewDevRows : mezo.devRows
  return { ...selection, sample: selection.sample ?? mezo.trainRows, devRows: selection.devRows ?? devRows }
}

/** Whether answers of a task are chosen from options that the rows bring. */
export function hasOptions(task: Task): boolean {
  return task.kind === 'answer' && task.options !== undefined
}
