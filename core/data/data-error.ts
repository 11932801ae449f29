import { EngineError } from '../schema/engine-error.js'
import { rowProblem } from '../schema/row-problems.js'

const shownCharacters = 60

/** A value as a message shows it: quoted, and cut where it is long. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return rowProblem(value.length === 0 ? 'found-empty-list' : 'found-list', {})
  if (typeof value === 'object' && value !== null) return rowProblem('found-object', {})
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined) return rowProblem('found-nothing', {})
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text
}

/**
 * A row that cannot be used.
 *
 * @param line from 1; 0 where the whole file is meant
 * @param column empty where no single column is meant
 */
export function dataInvalid(
  path: string,
  line: number,
  column: string,
  problem: string,
): EngineError<'data-invalid'> {
  const where = [path, ...(line > 0 ? [`line ${line}`] : []), ...(column ? [`column '${column}'`] : [])]
  return new EngineError('data-invalid', { path, line, column }, `${where.join(', ')}: ${problem}`)
}

/** A file that is well formed and still too little to work with. */
export function dataInsufficient(path: string, problem: string): EngineError<'data-insufficient'> {
  return new EngineError('data-insufficient', { path }, `${path} ${problem}`)
}

/** Whether an error is about one row, which can be left out. */
export function isBadRow(thrown: unknown): thrown is EngineError {
  return (
    thrown instanceof EngineError && (thrown.code === 'data-invalid' || thrown.code === 'prompt-too-long')
  )
}
