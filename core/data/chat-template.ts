import type { GgufValue } from '../formats/gguf/gguf-file.js'
import { EngineError } from '../schema/engine-error.js'
import { assistantSpans, type RenderMessages } from './chat/assistant-spans.js'
import type { ChatMessage } from './chat/chat-message.js'
import { closeSpellings } from './chat/closed-spellings.js'
import { type ChatTokens, encodeSpans } from './chat/encode-spans.js'
import { templateRenderer } from './chat/template-renderer.js'
import type { Tokenizer } from './tokenizer/tokenizer.js'
import { rowProblem } from '../schema/row-problems.js'

export type { ChatMessage } from './chat/chat-message.js'
export type { ChatTokens } from './chat/encode-spans.js'

/** Turns conversations into the text and the ids a model was made for. */
export interface ChatTemplate {
  /** The text as the template gives it. */
  readonly render: RenderMessages
  /** Ids that ask for an answer: the conversation and the start of the assistant's turn. */
  readonly prompt: (messages: readonly ChatMessage[]) => number[]
  /** Ids of a finished conversation; scored is what the assistant says, up to the token that ends its turn. */
  readonly conversation: (messages: readonly ChatMessage[]) => ChatTokens
}

/**
 * The chat template of a model file. Only the template's own text is parsed for special tokens: what a message spells
 * stays text. Where the model's sequences start with BOS, the ids do so exactly once.
 *
 * @param date what the template may show as the current date (UTC)
 * @throws EngineError `template-invalid` for a missing template or one that does not parse; the methods throw it for one
 *   that fails
 */
export function createChatTemplate(
  metadata: ReadonlyMap<string, GgufValue>,
  tokenizer: Tokenizer,
  date: Date,
): ChatTemplate {
  const renderer = templateRenderer(readTemplate(metadata), { name: 'the chat template', date })
  const spellingOf = (id: number | null): string =>
    id === null ? '' : tokenizer.decode([id], { keepSpecial: true })
  const render: RenderMessages = (messages, addsGenerationPrompt) =>
    renderer.render({
      messages: messages.map(({ role, content }) => ({ role, content })),
      add_generation_prompt: addsGenerationPrompt,
      bos_token: spellingOf(tokenizer.bosId),
      eos_token: spellingOf(tokenizer.eosId),
      tools: null,
      documents: null,
    })

  return {
    render: (messages, addsGenerationPrompt) =>
      renderer.limited(1, () => render(messages, addsGenerationPrompt)),
    prompt: (messages) => {
      const closed = closeSpellings(messages, tokenizer)
      const text = renderer.limited(1, () => render(closed.messages, true))
      return [...encodeSpans(text, [], closed.open, tokenizer).tokens]
    },
    conversation: (messages) => {
      const closed = closeSpellings(messages, tokenizer)
      const [text, spans] = renderer.limited(1 + messages.length, () => {
        const full = render(closed.messages, false)
        return [full, assistantSpans(closed.messages, full, render, closed.markers)] as const
      })
      return encodeSpans(text, spans, closed.open, tokenizer)
    },
  }
}

function readTemplate(metadata: ReadonlyMap<string, GgufValue>): string {
  const found = metadata.get('tokenizer.chat_template')
  if (found?.type === 'string') return found.value
  const reason = rowProblem('template-missing', {})
  throw new EngineError('template-invalid', { reason }, `the chat template ${reason}`)
}
