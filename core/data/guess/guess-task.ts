import type { ColumnStatistics } from '../column-statistics.js'
import { isAsideName, isLabelName, messagesNames, plainName, textNames } from './column-names.js'
import { answerTask, guessAnswer, named } from './guess-answer.js'
import { guessLabels } from './guess-labels.js'
import type { TaskGuess } from './guess-reason.js'

type Columns = readonly ColumnStatistics[]

/**
 * The task that the columns of a file suggest, by their names and by what they hold, the surest first; null where none does.
 *
 * In this order: two answers of which one is better, conversations, an answer to something asked, labels, running text.
 *
 * @param hasChat the model has a chat template: what is asked is then put as a message
 */
export function guessTask(columns: Columns, rowCount: number, hasChat = false): TaskGuess | null {
  // Templates name columns in braces, and take dots for ways into lists.
  const usable = columns.filter(({ name, kind }) => name !== '' && kind !== 'empty' && !/[{}]/.test(name))
  return (
    guessPreference(usable, hasChat) ??
    guessChat(usable) ??
    guessAnswer(usable, rowCount, hasChat) ??
    guessLabels(usable, rowCount) ??
    guessText(usable)
  )
}

const betterName =
  /^(chosen|preferred|better|winner|accepted)(_(response|answer|completion|output|text))?$|_chosen$/
const worseName =
  /^(rejected|dispreferred|worse|loser|non_preferred)(_(response|answer|completion|output|text))?$|_rejected$/

/** The better of two answers is trained on: as an answer to its prompt, as a conversation, or as the text that it is. */
function guessPreference(columns: Columns, hasChat: boolean): TaskGuess | null {
  const isSaid = ({ kind }: ColumnStatistics): boolean => kind === 'text' || kind === 'messages'
  const find = (pattern: RegExp): ColumnStatistics | undefined =>
    columns.find((column) => isSaid(column) && pattern.test(plainName(column.name)))
  const [chosen, rejected] = [find(betterName), find(worseName)]
  if (chosen === undefined || rejected === undefined) return null
  const reason = { code: 'better-answer', chosen: chosen.name, rejected: rejected.name } as const
  if (chosen.kind === 'messages') return { task: { version: 1, kind: 'chat', messages: chosen.name }, reason }
  const others = columns.filter((column) => column !== chosen && column !== rejected)
  const asked = answerTask(others, chosen.name, hasChat)
  return { task: asked ?? { version: 1, kind: 'text', text: `{${chosen.name}}` }, reason }
}

function guessChat(columns: Columns): TaskGuess | null {
  const conversations = columns.filter(({ kind }) => kind === 'messages')
  const found = named(conversations, messagesNames).at(0) ?? conversations.at(0)
  if (found === undefined) return null
  const { name: column } = found
  return { task: { version: 1, kind: 'chat', messages: column }, reason: { code: 'messages-column', column } }
}

function guessText(columns: Columns): TaskGuess | null {
  const texts = columns.filter(({ kind }) => kind === 'text')
  const main = texts.filter(({ name }) => !isAsideName(name) && !isLabelName(name))
  const known = named(main, textNames).at(0)
  if (known === undefined && main.length === 2) {
    const [prompt, answer] = main.map(({ name }) => name)
    return {
      task: { version: 1, kind: 'answer', prompt: `{${prompt}}\n`, answer: `{${answer}}` },
      reason: { code: 'two-text-columns', prompt, answer },
    }
  }
  const longest = (main.length > 0 ? main : texts).toSorted((a, b) => b.meanCharacters - a.meanCharacters)
  const found = known ?? longest.at(0)
  if (found === undefined) return null
  const { name: column } = found
  return {
    task: { version: 1, kind: 'text', text: `{${column}}` },
    reason: { code: 'one-text-column', column },
  }
}
