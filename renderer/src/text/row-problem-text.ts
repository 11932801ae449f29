import { readRowProblem, type RowProblemCode } from '../../../core/schema/row-problems.js'
import type { Format } from './format.js'
import type { Translate } from './use-text.js'

/** A sentence for everything that can be wrong with a row: a new one does not compile until each language has it. */
export type RowProblemSentences = Readonly<Record<RowProblemCode, string>>

/** Places that hold a phrase of the same table, or what stands in the file. */
const phrases: ReadonlySet<string> = new Set(['found', 'reason'])
const numbers: ReadonlySet<string> = new Set(['total', 'count', 'at'])

/** What is wrong with a row, in the person's language; null where it is nothing that this version says. */
export function rowProblemText(text: string, t: Translate, format: Format): string | null {
  const problem = readRowProblem(text)
  if (problem === null) return null
  const values = Object.entries(problem.values).map(([name, value]) => [name, shown(name, String(value))])
  return t(`rowProblems.${problem.code}`, Object.fromEntries(values) as Record<string, string>)

  function shown(name: string, value: string): string {
    if (numbers.has(name)) return format.count(Number(value))
    return (phrases.has(name) ? rowProblemText(value, t, format) : null) ?? value
  }
}

/** Line and column of a row that cannot be used, and what is wrong with it, as an error's message says them; null where it names no line. */
export function readPlacedProblem(
  message: string,
): { readonly line: string; readonly column: string | null; readonly problem: string } | null {
  const [, line, column, problem] = /, line (\d+)(?:, column '(.*?)')?: (.*)$/s.exec(message) ?? []
  return line === undefined || problem === undefined ? null : { line, column: column ?? null, problem }
}
