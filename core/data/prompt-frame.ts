import type { ChatMessage } from './chat/chat-message.js'
import type { ChatTokens } from './chat/encode-spans.js'
import { continuationTokens } from './continuation-tokens.js'
import type { Tokenizer } from './tokenizer/tokenizer.js'
import { requestIssue } from '../schema/request-issues.js'

/** The two ways in which a model's own template writes a conversation. Both throw template-invalid. */
export interface ChatEncoder {
  /** Ids that ask for an answer. */
  readonly prompt: (messages: readonly ChatMessage[]) => readonly number[]
  /** Ids of a finished conversation, and which of them the assistant says. */
  readonly conversation: (messages: readonly ChatMessage[]) => ChatTokens
}

/** A row with its answer that stands in front of every prompt. */
export interface Shot {
  readonly prompt: string
  readonly answer: string
}

/** Puts around a row's prompt what belongs around it, and says how an answer follows. */
export interface PromptFrame {
  /** Ids of a prompt with all that stands before and around it, BOS first where the model wants it. */
  readonly prompt: (text: string, system: string | null) => readonly number[]
  /** Ids of an answer that follows a prompt, without its end. */
  readonly answer: (text: string) => readonly number[]
  /** Ids that end an answer. */
  readonly end: readonly number[]
}

/** What a frame is made of. */
export interface FrameParts {
  readonly tokenizer: Tokenizer
  readonly chat: ChatEncoder | null
  readonly usesChat: boolean
  readonly shots: readonly Shot[]
}

/** Between rows that stand one after the other, as in the papers on learning from a few examples. */
const separator = '\n\n'

/** The frame of a task. @throws request-invalid where it needs a chat template that the model lacks */
export function promptFrame({ tokenizer, chat, usesChat, shots }: FrameParts): PromptFrame {
  if (!usesChat) return plainFrame(tokenizer, shots)
  if (chat === null) throw requestIssue('chat-without-template')
  return chatFrame(tokenizer, chat, shots)
}

/** The ids that a sequence of this model starts with: BOS or nothing. */
export function bosOf({ addsBos, bosId }: Tokenizer): readonly number[] {
  return addsBos && bosId !== null ? [bosId] : []
}

function plainFrame(tokenizer: Tokenizer, shots: readonly Shot[]): PromptFrame {
  const before = shots.map(({ prompt, answer }) => prompt + answer + separator).join('')
  const bos = bosOf(tokenizer)
  return {
    // Apart from the answer, because the model will meet the prompt without it.
    prompt: (text) => [...bos, ...tokenizer.encode(before + text, 'text')],
    answer: (text) => continuationTokens(text, tokenizer),
    end: tokenizer.eosId === null ? [] : [tokenizer.eosId],
  }
}

/** Templates put answers where nothing stands before them, so spaces at their ends are left out. */
function chatFrame(tokenizer: Tokenizer, chat: ChatEncoder, shots: readonly Shot[]): PromptFrame {
  const before = shots.flatMap(({ prompt, answer }): ChatMessage[] => [
    { role: 'user', content: prompt },
    { role: 'assistant', content: answer.trim() },
  ])
  return {
    prompt: (text, system) => {
      const first: ChatMessage[] = system === null ? [] : [{ role: 'system', content: system }]
      return chat.prompt([...first, ...before, { role: 'user', content: text }])
    },
    answer: (text) => continuationTokens(text.trim(), tokenizer),
    end: turnEnd(tokenizer, chat),
  }
}

/** What ends the assistant's turn in this template; the end of the text where the template writes nothing of the kind. */
function turnEnd(tokenizer: Tokenizer, chat: ChatEncoder): readonly number[] {
  const { tokens, scored } = chat.conversation([
    { role: 'user', content: 'a' },
    { role: 'assistant', content: 'b' },
  ])
  const last = tokens.at(scored.lastIndexOf(1))
  if (scored.includes(1) && last !== undefined && tokenizer.endIds.has(last)) return [last]
  return tokenizer.eosId === null ? [] : [tokenizer.eosId]
}
