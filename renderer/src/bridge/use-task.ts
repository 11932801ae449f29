import { onScopeDispose, readonly, ref, type Ref, shallowRef, type ShallowRef } from 'vue'
import { EngineError } from '../../../core/schema/engine-error.js'
import type { RequestInput, RequestName, RequestOutput } from '../../../electron/ipc/contract.js'
import type { TaskProgress } from '../../../electron/ipc/tasks.js'
import { useClient } from './client.js'

/** Requests that take long: they report progress under a `taskId` and can be cancelled. */
export type TaskName = {
  [N in RequestName]: 'taskId' extends keyof RequestInput<N> ? N : never
}[Exclude<RequestName, 'task.cancel'>]

/** One long request at a time: its progress, its result or its failure. */
export interface TaskRunner<N extends TaskName> {
  readonly isRunning: Readonly<Ref<boolean>>
  readonly progress: Readonly<ShallowRef<TaskProgress | undefined>>
  readonly result: Readonly<ShallowRef<RequestOutput<N> | undefined>>
  readonly error: Readonly<ShallowRef<EngineError | undefined>>
  /** Starts; a task that still runs is cancelled first. Undefined where it failed or was cancelled. */
  run(input: Omit<RequestInput<N>, 'taskId'>): Promise<RequestOutput<N> | undefined>
  cancel(): void
  /** Cancels, and forgets the result and the failure. */
  clear(): void
}

/** A long request as a component sees it. Cancelled with its scope. */
export function useTask<N extends TaskName>(name: N): TaskRunner<N> {
  const client = useClient()
  const taskId = shallowRef<string>()
  const isRunning = ref(false)
  const progress = shallowRef<TaskProgress>()
  const result = shallowRef<RequestOutput<N>>()
  const error = shallowRef<EngineError>()

  const stopListening = client.listen('task.progress', (report) => {
    if (report.taskId === taskId.value) progress.value = report
  })

  function cancel(): void {
    const id = taskId.value
    if (id === undefined) return
    taskId.value = undefined
    isRunning.value = false
    progress.value = undefined
    // Nobody waits for the outcome, so a failure to cancel has no one to tell.
    client.request('task.cancel', { taskId: id }).catch(() => undefined)
  }

  async function run(input: Omit<RequestInput<N>, 'taskId'>): Promise<RequestOutput<N> | undefined> {
    cancel()
    // Chosen here, so that no progress can arrive before its task is known.
    const id = crypto.randomUUID()
    taskId.value = id
    isRunning.value = true
    error.value = undefined
    try {
      const output = await client.request(name, { ...input, taskId: id } as RequestInput<N>)
      if (taskId.value !== id) return undefined
      result.value = output
      return output
    } catch (thrown) {
      const failure = EngineError.from(thrown)
      if (taskId.value === id && failure.code !== 'cancelled') error.value = failure
      return undefined
    } finally {
      if (taskId.value === id) {
        taskId.value = undefined
        isRunning.value = false
        progress.value = undefined
      }
    }
  }

  function clear(): void {
    cancel()
    result.value = undefined
    error.value = undefined
  }

  onScopeDispose(() => {
    cancel()
    stopListening()
  })

  return {
    isRunning: readonly(isRunning),
    progress,
    result,
    error,
    run,
    cancel,
    clear,
  }
}
