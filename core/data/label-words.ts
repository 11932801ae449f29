import { notice } from '../schema/notices.js'
import { continuationTokens } from './continuation-tokens.js'
import type { Task } from '../schema/task.js'
import type { Objective } from './example.js'
import type { LabelOptions } from './label-options.js'
import { characterTokenizer } from './tokenizer/character-tokenizer.js'
import type { Tokenizer } from './tokenizer/tokenizer.js'

/** What decides which words stand for the values of a label column. */
export interface LabelWordSource {
  readonly tokenizer: Tokenizer
  /** The template before the word: after white space, a word needs no space of its own. */
  readonly prompt: string
  readonly usesChat: boolean
}

/** Spellings that are tried in turn, the file's own first. */
const spellings: readonly ((value: string) => string)[] = [
  (value) => value,
  (value) => value.toLowerCase(),
  (value) => value.charAt(0).toUpperCase() + value.slice(1).toLowerCase(),
]

/**
 * The word that the model reads for each value: the first spelling of all of them in which each is one token, because then
 * one forward pass a row scores every label; the file's own where there is none. Numbers, which many models read a space before as
 * a token of its own, may stand without it, or be letters, as the answers of a test are: what a class means is for the person to
 * say.
 */
export function labelWords(
  values: readonly string[],
  { tokenizer, prompt, usesChat }: LabelWordSource,
): Record<string, string> {
  const lead = usesChat || /\s$/.test(prompt) ? '' : ' '
  const styles = [
    ...spellings.map((spell) => values.map((value) => lead + spell(value))),
    ...(values.every(isWholeNumber) ? [gluedTo(prompt, values), lettersOf(values, lead)] : []),
  ]
  const isGood = (words: readonly string[]): boolean => {
    if (words.length < values.length) return false
    const tokens = words.map((word) => continuationTokens(word, tokenizer))
    return tokens.every(({ length }) => length === 1) && new Set(tokens.map(String)).size === words.length
  }
  const words = styles.find(isGood) ?? styles[0]
  return Object.fromEntries(values.map((value, index) => [value, words[index]]))
}

function isWholeNumber(value: string): boolean {
  return /^[+-]?\d+$/.test(value)
}

/** Numbers right after a colon and the like; nothing after a word, which they would lengthen. */
function gluedTo(prompt: string, values: readonly string[]): readonly string[] {
  return /[\p{L}\p{N}}]$/u.test(prompt) ? [] : values
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** A letter for each number, the smallest first; nothing where they are too few. */
function lettersOf(values: readonly string[], lead: string): readonly string[] {
  if (values.length > alphabet.length) return []
  const inOrder = values.toSorted((a, b) => Number(a) - Number(b))
  return values.map((value) => lead + alphabet.charAt(inOrder.indexOf(value)))
}

/**
 * What a person should know about the words of the labels; nothing where each is one token as the file writes it, and where no
 * model is known.
 *
 * @param asked the task as it was given, which may have words of its own
 */
export function labelNotices(objective: Objective, asked: Task, tokenizer: Tokenizer): readonly string[] {
  if (objective.kind !== 'labels' || tokenizer === characterTokenizer) return []
  const { options } = objective
  const long = options.filter(({ tokens }) => tokens.length > 1)
  const named = (some: LabelOptions): string =>
    some
      .slice(0, 3)
      .map(({ text, tokens }) => `${JSON.stringify(text)} (${tokens.length} tokens)`)
      .join(', ') + (some.length > 3 ? ', …' : '')
  if (long.length > 0) {
    const counts = { count: long.length, total: options.length }
    return [notice('labels-long', { ...counts, list: named(long) })]
  }
  const respelled = options.filter(({ name, text }) => text.trim() !== name)
  const hasWords = asked.kind === 'labels' && asked.labels !== undefined
  if (hasWords || respelled.length === 0) return []
  const list = respelled.slice(0, 3).map(({ name, text }) => `'${name}' as ${JSON.stringify(text)}`)
  return [notice('labels-respelled', { list: list.join(', ') })]
}
