import { z } from 'zod'
import { requestIssue } from '../schema/request-issues.js'
import type { WrittenScore } from '../schema/score.js'
import type { AnswerScore } from './answer-score.js'
import { answerMetrics } from './judge-answers.js'
import { openScoreFunction } from './score-function.js'

/** A score of answers that is ready to be asked. */
export interface OpenAnswerScore {
  readonly scoreOf: AnswerScore
  readonly close: () => void
}

/** @throws EngineError 'request-invalid' for a JSON schema or a function that says nothing this program understands */
export async function openAnswerScore(score: WrittenScore): Promise<OpenAnswerScore> {
  if (score.kind === 'function') return openScoreFunction(score.source)
  return { scoreOf: answerScore(score), close: () => undefined }
}

/** @throws EngineError 'request-invalid' for a JSON schema that says nothing this program understands */
export function answerScore(score: Exclude<WrittenScore, { kind: 'function' }>): AnswerScore {
  switch (score.kind) {
    case 'answer':
      return answerMetrics[score.metric]
    case 'json':
      return jsonScore(score.schema)
    case 'without-words': {
      const words = score.words.map((word) => word.toLowerCase())
      return (written) => (wordsOf(written).some((word) => words.includes(word)) ? 0 : 1)
    }
    case 'length':
      return (written) => Math.max(0, 1 - Math.abs(wordsOf(written).length - score.words) / score.words)
  }
}

function jsonScore(schema: (WrittenScore & { kind: 'json' })['schema']): AnswerScore {
  const expected = schema === null ? null : parsedSchema(schema)
  return (written) => {
    let value: unknown
    try {
      value = JSON.parse(written)
    } catch {
      return 0
    }
    return expected === null || expected.safeParse(value).success ? 1 : 0
  }
}

function parsedSchema(schema: Parameters<typeof z.fromJSONSchema>[0]): z.ZodType {
  try {
    return z.fromJSONSchema(schema)
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw requestIssue('score-schema', { reason }, { cause: thrown })
  }
}

/** Runs of letters, digits and what joins them, in lower case. */
function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu) ?? []
}
