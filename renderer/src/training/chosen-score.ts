import type { Score, ScoreForm } from '../../../core/schema/score.js'

/** What a score is made of in the form: everything as it is typed. */
export interface ScoreDraft {
  readonly form: ScoreForm | null
  /** Tokens of a written answer. */
  readonly maxTokens: number
  /** Of `without-words`, with commas. */
  readonly words: string
  /** Of `length`. */
  readonly wordCount: number
  /** Of `json`; empty for any JSON. */
  readonly schema: string
  /** Of `function`: JavaScript. */
  readonly source: string
}

/** The loss, with what a score would begin with. */
export const noScore: ScoreDraft = {
  form: null,
  maxTokens: 32,
  words: '',
  wordCount: 20,
  schema: '',
  source: '',
}

/** Forms that the rows of a task can be scored by. */
export function formsFor(taskKind: string | undefined): readonly ScoreForm[] {
  if (taskKind === 'labels') return ['accuracy']
  if (taskKind !== 'answer') return []
  return ['exact-match', 'token-f1', 'rouge-l', 'chrf', 'json', 'without-words', 'length', 'function']
}

/** The score that a draft is; null for the loss, undefined while something is missing or wrong. */
export function scoreOf({
  form,
  maxTokens,
  words,
  wordCount,
  schema,
  source,
}: ScoreDraft): Score | null | undefined {
  switch (form) {
    case null:
      return null
    case 'accuracy':
      return { kind: form }
    case 'json': {
      const parsed = schemaOf(schema)
      return parsed === undefined ? undefined : { kind: form, schema: parsed, maxTokens }
    }
    case 'without-words': {
      const list = words
        .split(',')
        .map((word) => word.trim())
        .filter((word) => word !== '')
      return list.length === 0 ? undefined : { kind: form, words: list, maxTokens }
    }
    case 'length':
      return { kind: form, words: wordCount, maxTokens }
    case 'function':
      return source.trim() === '' ? undefined : { kind: form, source: source.trim(), maxTokens }
    default:
      return { kind: 'answer', metric: form, maxTokens }
  }
}

/** A draft of what was chosen before. */
export function draftOfScore(score: Score | null): ScoreDraft {
  if (score === null) return noScore
  const written = score.kind === 'accuracy' ? {} : { maxTokens: score.maxTokens }
  const draft = { ...noScore, ...written }
  switch (score.kind) {
    case 'accuracy':
      return { ...draft, form: score.kind }
    case 'answer':
      return { ...draft, form: score.metric }
    case 'json':
      return { ...draft, form: score.kind, schema: score.schema === null ? '' : JSON.stringify(score.schema) }
    case 'without-words':
      return { ...draft, form: score.kind, words: score.words.join(', ') }
    case 'length':
      return { ...draft, form: score.kind, wordCount: score.words }
    case 'function':
      return { ...draft, form: score.kind, source: score.source }
  }
}

type JsonSchema = Extract<Score, { kind: 'json' }>['schema']

function schemaOf(text: string): JsonSchema | undefined {
  if (text.trim() === '') return null
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as JsonSchema) : undefined
  } catch {
    return undefined
  }
}
