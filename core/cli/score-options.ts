import { readFileSync } from 'node:fs'
import { InvalidArgumentError, type Command } from 'commander'
import { answerMetricNames } from '../evaluation/judge-answers.js'
import { score, type Score } from '../schema/score.js'
import { integer } from './option-values.js'

/** What a run is trained on in place of the loss. */
export interface ScoreOptions {
  readonly score?: WantedScore
  readonly answerTokens?: number
}

/** A score that does not know yet how long answers may be. */
type WantedScore = (maxTokens: number) => Score

const defaultAnswerTokens = 32
const forms = `accuracy, ${answerMetricNames.join(', ')}, json, json=SCHEMA.json, without-words=A,B, length=WORDS or function=FILE.js`

/** Adds the flags that say what is trained on in place of the loss. */
export function withScoreOptions(command: Command): Command {
  return command
    .option('--score <form>', `train on a score instead of the loss: ${forms}`, wantedScore)
    .option(
      '--answer-tokens <n>',
      `tokens of an answer that is written to be scored (default: ${defaultAnswerTokens})`,
      integer(1),
    )
}

/** The choice that the flags are. */
export function scoreChoice({ score: wanted, answerTokens }: ScoreOptions): { readonly score?: Score } {
  return wanted === undefined ? {} : { score: wanted(answerTokens ?? defaultAnswerTokens) }
}

function wantedScore(text: string): WantedScore {
  const [, form, value] = /^([a-z0-9-]+)(?:=(.*))?$/s.exec(text) ?? []
  const metric = answerMetricNames.find((name) => name === text)
  if (metric !== undefined) return (maxTokens) => ({ kind: 'answer', metric, maxTokens })
  if (text === 'accuracy') return () => ({ kind: 'accuracy' })
  if (text === 'json') return (maxTokens) => ({ kind: 'json', schema: null, maxTokens })
  const given = fields(form, value)
  if (given === null) throw new InvalidArgumentError(`Expected ${forms}.`)
  const checked = score.safeParse({ ...given, maxTokens: 1 })
  if (!checked.success) throw new InvalidArgumentError(`Expected ${forms}.`)
  return (maxTokens) => score.parse({ ...given, maxTokens })
}

/** Of the forms with a value. */
function fields(form: string | undefined, value: string | undefined): Record<string, unknown> | null {
  if (form === undefined || value === undefined) return null
  switch (form) {
    case 'without-words':
      return { kind: form, words: value.split(',') }
    case 'length':
      return { kind: form, words: Number(value) }
    case 'json':
      return { kind: form, schema: readSchema(value) }
    case 'function':
      return { kind: form, source: readSource(value) }
    default:
      return null
  }
}

function readSchema(path: string): unknown {
  return readAs('a JSON schema', path, (text): unknown => JSON.parse(text))
}

function readSource(path: string): string {
  return readAs('a scoring function', path, (text) => text)
}

/** @throws InvalidArgumentError where the file cannot be read or is not what it should be */
function readAs<Result>(what: string, path: string, read: (text: string) => Result): Result {
  try {
    return read(readFileSync(path, 'utf8'))
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw new InvalidArgumentError(`Expected ${what} in ${path}: ${reason}`)
  }
}
