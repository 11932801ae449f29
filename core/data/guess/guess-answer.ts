import type { TextTask } from '../../schema/task.js'
import type { ColumnStatistics } from '../column-statistics.js'
import {
  answerNames,
  askedAnswerNames,
  contextNames,
  isAsideName,
  isLabelName,
  plainName,
  questionNames,
  sourceNames,
  systemNames,
} from './column-names.js'
import type { GuessReason, TaskGuess } from './guess-reason.js'

type Columns = readonly ColumnStatistics[]

/** An answer that is one of these few values is a label. */
const fewAnswers = 20
const rowsPerAnswer = 5
const longestChoice = 60

/** What is asked, and what stands around it. */
interface FoundPrompt {
  /** Template of what stands over it; null for nothing. */
  readonly system: string | null
  readonly template: string
  readonly question: string
  readonly context: string | null
  /** Named as instructions are, rather than as questions or prompts. */
  readonly isInstruction: boolean
}

/**
 * An answer and what it answers, by their names; null where nothing is called so.
 *
 * @param hasChat prompts can be put as messages
 */
export function guessAnswer(columns: Columns, rowCount: number, hasChat: boolean): TaskGuess | null {
  const translation = guessTranslation(columns, hasChat)
  if (translation !== null) return translation
  const asked = findPrompt(columns)
  const answer =
    named(columns, answerNames).find(isAnswer) ??
    (asked === null ? undefined : named(columns, askedAnswerNames).find(isAnswer))
  if (answer === undefined) return null
  const others = columns.filter((column) => column !== answer)
  const prompt = findPrompt(others) ?? sourcePrompt(others)
  if (prompt === null) return null
  if (isChoice(answer, rowCount)) return choiceGuess(prompt, answer)
  return { task: askedTask(prompt, wayTo(answer), hasChat), reason: reasonOf(prompt, answer.name) }
}

/** The task of an answer to what the other columns ask; null where they ask nothing. */
export function answerTask(others: Columns, answer: string, hasChat: boolean): TextTask | null {
  const prompt = findPrompt(others)
  return prompt === null ? null : askedTask(prompt, answer, hasChat)
}

/** As a message of a conversation where the model has a template for it, since that is how it will be asked. */
function askedTask({ system, template }: FoundPrompt, answer: string, hasChat: boolean): TextTask {
  const common = { version: 1, kind: 'answer', answer: `{${answer}}` } as const
  if (!hasChat) {
    const before = system === null ? '' : `${system}\n`
    return { ...common, prompt: `${before}${template}\n` }
  }
  return { ...common, prompt: template, chat: true, ...(system !== null && { system }) }
}

/** The template of what is asked: what it is about, and the question. */
function findPrompt(columns: Columns): FoundPrompt | null {
  const question = named(columns, questionNames).find(isAnswer)
  if (question === undefined) return null
  const name = plainName(question.name)
  const isInstruction = name.startsWith('instruction')
  const rest = columns.filter((column) => column !== question)
  const system = named(rest, systemNames).find(isAnswer)
  const context = named(rest, contextNames).find((column) => column !== system && isAnswer(column))
  const asking = isInstruction ? [question, context] : [context, question]
  const places = asking.flatMap((column) => (column === undefined ? [] : [`{${wayTo(column)}}`]))
  return {
    system: system === undefined ? null : `{${wayTo(system)}}`,
    template: places.join('\n'),
    question: question.name,
    context: context?.name ?? null,
    isInstruction,
  }
}

/** Columns called so, in the order of the names. */
export function named(columns: Columns, names: readonly string[]): Columns {
  return names.flatMap((name) => columns.filter((column) => plainName(column.name) === name))
}

/** Text, or lists and objects with texts in them. */
function isAnswer({ kind, innerTexts }: ColumnStatistics): boolean {
  return kind === 'object' ? innerTexts.length > 0 : kind !== 'empty' && kind !== 'messages'
}

/** How a template names the text of a column. */
function wayTo({ name, kind, innerTexts }: ColumnStatistics): string {
  if (kind !== 'object' || innerTexts.length === 0) return name
  const way = innerTexts.find((each) => /(^|\.)(text|value|answer)(\.|$)/.test(each)) ?? innerTexts[0]
  return `${name}.${way}`
}

/** A text that the answer is another form of: by its name, or the longest there is. */
function sourcePrompt(columns: Columns): FoundPrompt | null {
  const texts = columns.filter(({ kind }) => kind === 'text')
  const longest = texts
    .filter(({ name }) => !isAsideName(name) && !isLabelName(name))
    .toSorted((a, b) => b.meanCharacters - a.meanCharacters)
  const source = named(texts, sourceNames).at(0) ?? longest.at(0)
  if (source === undefined) return null
  const { name } = source
  return { system: null, template: `{${name}}`, question: name, context: null, isInstruction: false }
}

/** True where an answer is one of few values, each often: then it is chosen, not written. */
function isChoice({ kind, distinctCount, longestCharacters }: ColumnStatistics, rowCount: number): boolean {
  if (kind === 'object' || distinctCount === null || distinctCount < 2) return false
  if (kind === 'boolean') return distinctCount * 2 <= rowCount
  return (
    distinctCount <= fewAnswers &&
    distinctCount * rowsPerAnswer <= rowCount &&
    longestCharacters <= longestChoice
  )
}

function choiceGuess({ template }: FoundPrompt, { name, distinctCount }: ColumnStatistics): TaskGuess {
  return {
    task: { version: 1, kind: 'labels', prompt: `${template}\nAnswer:`, labelColumn: name },
    reason: { code: 'label-name', column: name, distinctCount: distinctCount ?? 0 },
  }
}

function reasonOf({ question, context, isInstruction }: FoundPrompt, answer: string): GuessReason {
  if (isInstruction) return { code: 'instruction-and-answer', prompt: question, answer }
  if (context !== null) return { code: 'question-and-context', prompt: question, context, answer }
  return { code: 'prompt-and-answer', prompt: question, answer }
}

/** An object with one sentence in two languages, as data sets for translation have it. */
function guessTranslation(columns: Columns, hasChat: boolean): TaskGuess | null {
  const pair = named(columns, ['translation']).find(({ kind, innerTexts }) => {
    return kind === 'object' && innerTexts.length === 2
  })
  if (pair === undefined) return null
  const [from, to] = pair.innerTexts.map((way) => `${pair.name}.${way}`)
  const prompt = { system: null, template: `{${from}}`, question: from, context: null, isInstruction: false }
  return {
    task: askedTask(prompt, to, hasChat),
    reason: { code: 'prompt-and-answer', prompt: from, answer: to },
  }
}
