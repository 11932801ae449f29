import { readNotice, type NoticeCode } from '../../../core/schema/notices.js'
import type { Format } from './format.js'
import { rowProblemText } from './row-problem-text.js'
import type { Translate } from './use-text.js'

/** A sentence for every notice of the engine: a new one does not compile until each language has it. */
export type NoticeSentences = Readonly<Record<NoticeCode, string>>

/** A notice of the engine in the person's language; as it is where it is of another program version. */
export function noticeText(text: string, t: Translate, format: Format): string {
  const found = readNotice(text)
  if (found === null) return text
  const { problem } = found.values
  const values = problem === undefined ? {} : { problem: placedProblem(String(problem), t, format) }
  return t(`notices.${found.code}`, { ...found.values, ...values })
}

/** What is wrong with a row, and where, without the path of its file. */
function placedProblem(text: string, t: Translate, format: Format): string {
  const [, line, column, told] = /, line (\d+)(?:, column '(.*?)')?: (.*)$/s.exec(text) ?? []
  if (line === undefined || told === undefined) return text
  const problem = rowProblemText(told, t, format) ?? told
  return column === undefined
    ? t('datasets.problems.inLine', { line, problem })
    : t('datasets.problems.inColumn', { line, column, problem })
}
