import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { EngineError } from '../../../core/schema/engine-error.js'
import type { Generated, Sampling } from '../../../electron/ipc/comparison.js'
import { useClient } from '../bridge/client.js'

/** One prompt and what both sides said to it so far; `done` once a side has finished. */
export interface Exchange {
  readonly user: string
  readonly base: Answer
  readonly adapted: Answer
}

export interface Answer {
  readonly text: string
  readonly done: Generated | null
}

const nothingYet: Answer = { text: '', done: null }

/** The contract's limit: older turns are left out of what the models see. */
const mostTurns = 200

/** What is chosen beside the prompt. */
export interface ChatOptions {
  readonly runId: string
  readonly step: number | null
  readonly isChat: boolean
  readonly system: string
  readonly sampling: Sampling
}

/** Two conversations with one prompt box. Text is shown as it comes. */
export function useChat() {
  const client = useClient()
  const exchanges = shallowRef<readonly Exchange[]>([])
  const taskId = ref<string>()
  const error = shallowRef<EngineError>()

  function changeLast(change: (exchange: Exchange) => Exchange): void {
    const last = exchanges.value.at(-1)
    if (last !== undefined) exchanges.value = [...exchanges.value.slice(0, -1), change(last)]
  }

  const stopListening = client.listen('chat.text', ({ taskId: id, side, text }) => {
    if (id !== taskId.value) return
    changeLast((last) => ({ ...last, [side]: { ...last[side], text: last[side].text + text } }))
  })

  async function ask(prompt: string, { runId, step, isChat, system, sampling }: ChatOptions): Promise<void> {
    const id = crypto.randomUUID()
    taskId.value = id
    error.value = undefined
    exchanges.value = [...exchanges.value, { user: prompt, base: nothingYet, adapted: nothingYet }].slice(
      -mostTurns,
    )
    const said = (answer: Answer) => answer.done?.text ?? null
    const turns = exchanges.value.map(({ user, base, adapted }) => ({
      user,
      base: said(base),
      adapted: said(adapted),
    }))
    try {
      const { base, adapted } = await client.request('chat.generate', {
        taskId: id,
        runId,
        step,
        turns: isChat ? turns : turns.slice(-1),
        system: isChat && system.trim() !== '' ? system : null,
        isChat,
        sampling,
      })
      if (taskId.value !== id) return
      changeLast((last) => ({
        ...last,
        base: { text: base.text, done: base },
        adapted: { text: adapted.text, done: adapted },
      }))
    } catch (thrown) {
      if (taskId.value !== id) return
      error.value = EngineError.from(thrown)
      // A question without answers would be part of every later prompt.
      exchanges.value = exchanges.value.slice(0, -1)
    } finally {
      if (taskId.value === id) taskId.value = undefined
    }
  }

  function stop(): void {
    // The answers so far come with the reply of the request that is stopped.
    if (taskId.value !== undefined)
      client.request('chat.stop', { taskId: taskId.value }).catch(() => undefined)
  }

  function clear(): void {
    stop()
    taskId.value = undefined
    exchanges.value = []
    error.value = undefined
  }

  onScopeDispose(() => {
    stop()
    stopListening()
  })

  return { exchanges, isAsking: computed(() => taskId.value !== undefined), error, ask, stop, clear }
}
