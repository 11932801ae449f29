import { EngineError, generate, openDecoder, type ChatMessage, type TrainedRun } from '../../core/index.js'
import type { ParsedInput } from '../ipc/contract.js'
import type { Generated } from '../ipc/comparison.js'
import type { EngineContext } from './context.js'
import type { Task } from './tasks.js'

type ChatRequest = ParsedInput<'chat.generate'>
type Side = 'base' | 'adapted'

const reasons = {
  'end-token': 'end-token',
  'stop-text': 'stop-text',
  'max-tokens': 'length',
  'context-full': 'context',
  aborted: 'stopped',
} as const

/**
 * One side's answer, told piece by piece. A stop is no failure: it ends with what there is.
 *
 * @param stopping ends it early
 * @throws EngineError 'template-invalid', 'prompt-too-long', 'runtime-failed'
 */
export async function answerAs(
  side: Side,
  { model, parameters }: TrainedRun,
  request: ChatRequest,
  { tell, devices }: EngineContext,
  task: Task,
  stopping: AbortSignal,
): Promise<Generated> {
  const { taskId, sampling } = request
  const prompt = promptOf(side, model, request)
  if (stopping.aborted) return { text: '', tokenCount: 0, reason: 'stopped' }
  task.progress('generating', 0, null, 'tokens')
  const decoder = await openDecoder(
    devices.processor(),
    model.model,
    side === 'base' ? undefined : parameters,
  )
  try {
    const { temperature, topP, seed, maximumTokens } = sampling
    const events = generate({
      model: decoder,
      tokenizer: model.tokenizer,
      prompt,
      sampling: { temperature, topP },
      seed,
      maxTokens: maximumTokens,
      stops: [],
      signal: AbortSignal.any([task.signal, stopping]),
    })
    let text = ''
    for await (const event of events) {
      if (event.type === 'end') return { text, tokenCount: event.tokenCount, reason: reasons[event.reason] }
      text += event.text
      tell('chat.text', { taskId, side, text: event.text })
      await task.breathe()
    }
    throw new Error('generation ended without an end')
  } finally {
    await decoder.close()
  }
}

/** Ids of the conversation as this side knows it, or of the last text as it is. */
function promptOf(
  side: Side,
  { tokenizer, chat }: TrainedRun['model'],
  { turns, system, isChat }: ChatRequest,
): number[] {
  if (!isChat) {
    const bos = tokenizer.addsBos && tokenizer.bosId !== null ? [tokenizer.bosId] : []
    return [...bos, ...tokenizer.encode(turns.at(-1)?.user ?? '', 'text')]
  }
  if (chat === null) {
    const reason = 'is missing from the model file'
    throw new EngineError('template-invalid', { reason }, `a chat needs a chat template, which ${reason}`)
  }
  const messages = turns.flatMap((turn): ChatMessage[] => {
    const asked = { role: 'user', content: turn.user }
    const answered = turn[side]
    return answered === null ? [asked] : [asked, { role: 'assistant', content: answered }]
  })
  return chat.prompt(system === null ? messages : [{ role: 'system', content: system }, ...messages])
}
