import { EngineError } from '../../schema/engine-error.js'
import type { ChatMessage } from './chat-message.js'
import { rowProblem } from '../../schema/row-problems.js'

/** A range of characters of a rendered conversation: what the model says in one turn. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Renders a conversation. */
export type RenderMessages = (messages: readonly ChatMessage[], addsGenerationPrompt: boolean) => string

/**
 * Finds what the assistant says in a rendered conversation: the text between the prompt for its turn and the next turn.
 *
 * A turn starts where the conversation before it, rendered with the prompt for an answer, ends. Some templates render
 * earlier turns differently later (Mistral moves the system message to the last user turn); there the span is the
 * content alone, found by marking it.
 *
 * @param full the conversation, rendered
 * @param markers two characters that occur in no message
 * @throws EngineError `template-invalid` where neither way finds a turn
 */
export function assistantSpans(
  messages: readonly ChatMessage[],
  full: string,
  render: RenderMessages,
  markers: readonly [string, string],
): Span[] {
  return messages.flatMap((message, index) => {
    if (message.role !== 'assistant') return []
    const prompt = attempt(() => render(messages.slice(0, index), true))
    const upTo = attempt(() => render(messages.slice(0, index + 1), false))
    const isPlain =
      prompt !== undefined && upTo !== undefined && full.startsWith(upTo) && upTo.startsWith(prompt)
    return isPlain
      ? [{ start: prompt.length, end: upTo.length }]
      : [markedSpan(messages, index, { full, render, markers })]
  })
}

/** A template may refuse a part of a conversation, such as none of it. */
function attempt(render: () => string): string | undefined {
  try {
    return render()
  } catch (thrown) {
    if (thrown instanceof EngineError && thrown.code === 'template-invalid') return undefined
    throw thrown
  }
}

interface MarkingContext {
  readonly full: string
  readonly render: RenderMessages
  readonly markers: readonly [string, string]
}

/** The place of one message's content. White space around it stays outside the markers, because templates trim it. */
function markedSpan(messages: readonly ChatMessage[], index: number, context: MarkingContext): Span {
  const { content } = messages[index]
  const core = content.trim()
  const lead = content.length - content.trimStart().length
  const [open, close] = context.markers
  const marked = content.slice(0, lead) + open + core + close + content.slice(lead + core.length)
  const text = context.render(
    messages.map((message, at) => (at === index ? { ...message, content: marked } : message)),
    false,
  )
  const start = text.indexOf(open)
  const end = text.indexOf(close) - 1
  const isSame = text.replaceAll(open, '').replaceAll(close, '') === context.full
  if (isSame && start >= 0 && end >= start) return { start, end }
  const reason = rowProblem('template-changes', { count: index + 1 })
  throw new EngineError('template-invalid', { reason }, `the chat template ${reason}`)
}
