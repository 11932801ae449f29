import { readNotice, type NoticeCode } from '../../../core/schema/notices.js'
import type { ScoreForm } from '../../../core/schema/score.js'
import type { Format } from './format.js'
import { readPlacedProblem, rowProblemText } from './row-problem-text.js'
import type { Translate } from './use-text.js'

/** A sentence for every notice of the engine: a new one does not compile until each language has it. */
export type NoticeSentences = Readonly<Record<NoticeCode, string>>

/** A notice of the engine in the person's language; as it is where it is of another program version. */
export function noticeText(text: string, t: Translate, format: Format): string {
  const found = readNotice(text)
  if (found === null) return text
  const { problem, score, first } = found.values
  const values = {
    ...(problem !== undefined && { problem: placedProblem(String(problem), t, format) }),
    // Layers count from 1 for people.
    ...(first !== undefined && { first: format.count(Number(first) + 1) }),
    ...(score !== undefined && { score: scoreText(String(score), t) }),
  }
  return t(`notices.${found.code}`, { ...found.values, ...values })
}

/** A score, whose name begins with its form. */
function scoreText(name: string, t: Translate): string {
  return t(`training.advanced.score.${name.split(' ')[0] as ScoreForm}`)
}

/** What is wrong with a row, and where, without the path of its file. */
function placedProblem(text: string, t: Translate, format: Format): string {
  const placed = readPlacedProblem(text)
  if (placed === null) return text
  const { line, column } = placed
  const problem = rowProblemText(placed.problem, t, format) ?? placed.problem
  return column === null
    ? t('datasets.problems.inLine', { line, problem })
    : t('datasets.problems.inColumn', { line, column, problem })
}
