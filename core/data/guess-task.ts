import type { Task } from '../schema/task.js'
import type { ColumnStatistics } from './column-statistics.js'
import { maxGuessedLabels, usualLabelNames } from './label-column.js'

/** Why a task was guessed. */
export type GuessReason =
  | { readonly code: 'messages-column'; readonly column: string }
  | {
      readonly code: 'few-distinct-values'
      readonly column: string
      readonly distinctCount: number
      readonly rowCount: number
    }
  | { readonly code: 'prompt-and-answer'; readonly prompt: string; readonly answer: string }
  | { readonly code: 'one-text-column'; readonly column: string }

/** A task that a file suggests. */
export interface TaskGuess {
  readonly task: Task
  readonly reason: GuessReason
}

const promptNames = ['instruction', 'prompt', 'question', 'query', 'source', 'input', 'context']
const answerNames = [
  'output',
  'response',
  'answer',
  'completion',
  'reply',
  'target',
  'summary',
  'translation',
]
/** A label is a word or a few, not a sentence. */
const longestLabel = 60

/** The task that the columns of a file suggest, the surest first; null where none does. */
export function guessTask(columns: readonly ColumnStatistics[], rowCount: number): TaskGuess | null {
  // Templates name columns in braces.
  const usable = columns.filter(({ name, kind }) => name !== '' && kind !== 'empty' && !/[{}]/.test(name))
  return guessChat(usable) ?? guessByNames(usable) ?? guessLabels(usable, rowCount) ?? guessByText(usable)
}

function guessChat(columns: readonly ColumnStatistics[]): TaskGuess | null {
  const column = columns.find(({ kind }) => kind === 'messages')?.name
  if (column === undefined) return null
  return { task: { version: 1, kind: 'chat', messages: column }, reason: { code: 'messages-column', column } }
}

function guessByNames(columns: readonly ColumnStatistics[]): TaskGuess | null {
  const named = (names: readonly string[]): string[] =>
    names.flatMap((name) => columns.filter((column) => column.name.toLowerCase() === name).map((c) => c.name))
  const answer = named(answerNames).at(0)
  const prompts = named(promptNames)
  return answer === undefined || prompts.length === 0 ? null : answerGuess(prompts, answer)
}

function guessLabels(columns: readonly ColumnStatistics[], rowCount: number): TaskGuess | null {
  const few = columns.filter(
    ({ distinctCount, longestCharacters, kind }) =>
      kind !== 'object' &&
      distinctCount !== null &&
      distinctCount >= 2 &&
      distinctCount <= maxGuessedLabels &&
      distinctCount < rowCount / 2 &&
      longestCharacters <= longestLabel,
  )
  const usual = few.filter(({ name }) => usualLabelNames.has(name.toLowerCase()))
  const label = usual.at(0) ?? few.at(-1)
  const text = longestText(columns.filter((column) => column !== label))
  if (label?.distinctCount == null || text === null) return null
  const { name: column, distinctCount } = label
  const prompt = `{${text.name}}\n${titled(column)}:`
  return {
    task: { version: 1, kind: 'labels', prompt, labelColumn: column },
    reason: { code: 'few-distinct-values', column, distinctCount, rowCount },
  }
}

function guessByText(columns: readonly ColumnStatistics[]): TaskGuess | null {
  const texts = columns.filter(({ kind }) => kind === 'text')
  if (texts.length === 2) return answerGuess([texts[0].name], texts[1].name)
  const text = longestText(texts)
  if (text === null) return null
  const { name: column } = text
  const task: Task = { version: 1, kind: 'text', text: `{${column}}` }
  return { task, reason: { code: 'one-text-column', column } }
}

function answerGuess(prompts: readonly string[], answer: string): TaskGuess {
  const prompt = `${prompts.map((name) => `{${name}}`).join('\n')}\n`
  return {
    task: { version: 1, kind: 'answer', prompt, answer: `{${answer}}` },
    reason: { code: 'prompt-and-answer', prompt: prompts[0], answer },
  }
}

/** The column of text with the most to read. */
function longestText(columns: readonly ColumnStatistics[]): ColumnStatistics | null {
  const texts = columns.filter(({ kind }) => kind === 'text')
  return texts.toSorted((left, right) => right.meanCharacters - left.meanCharacters).at(0) ?? null
}

/** `support_team` as a person would begin a line with it. */
function titled(name: string): string {
  const words = name.replaceAll(/[_-]+/g, ' ')
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}
