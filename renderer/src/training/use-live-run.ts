import { onScopeDispose, type Ref, ref, shallowRef, type ShallowRef, watch } from 'vue'
import { EngineError } from '../../../core/schema/engine-error.js'
import type { EventPayload } from '../../../electron/ipc/contract.js'
import type { RunDetails, RunSummary } from '../../../electron/ipc/runs.js'
import { useClient } from '../bridge/client.js'
import { useHost } from '../shell/host-store.js'
import { appendHistory } from './live-history.js'

/** Charts and figures change at most this often; what came in between is drawn together. */
export const drawEveryMs = 250

/** A run as a page follows it: fetched whole, then kept up by what the engine reports. */
export interface LiveRun {
  readonly run: Readonly<ShallowRef<RunDetails | undefined>>
  readonly isLoading: Readonly<Ref<boolean>>
  readonly error: Readonly<ShallowRef<EngineError | undefined>>
  reload(): Promise<void>
}

/**
 * Follows the run with this id; another id drops it. Everything is fetched again when the engine has been restarted, so a
 * page that was closed, reloaded or cut off shows the same as one that stayed open.
 */
export function useLiveRun(runId: () => string | null): LiveRun {
  const client = useClient()
  const host = useHost()
  const run = shallowRef<RunDetails>()
  const isLoading = ref(false)
  const error = shallowRef<EngineError>()
  let news: EventPayload<'run.progress'>[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let fetches = 0
  /** The last change that was told while the run was being fetched. It may have overtaken an answer that is older. */
  let told: RunSummary | undefined

  function draw(): void {
    timer = undefined
    const known = run.value
    // While the run is being fetched, what is reported waits: it may be missing from the answer.
    if (isLoading.value) return
    const own = news.filter((report) => report.runId === known?.summary.runId)
    news = []
    const last = own.at(-1)
    if (known === undefined || last === undefined) return
    run.value = {
      ...known,
      summary: { ...known.summary, step: Math.max(last.step, known.summary.step) },
      history: own.reduce((history, report) => appendHistory(history, report), known.history),
      vitals: last.vitals,
      notices: [...new Set([...known.notices, ...own.flatMap(({ notices }) => notices)])],
    }
  }

  const stopProgress = client.listen('run.progress', (report) => {
    if (report.runId !== runId()) return
    news.push(report)
    timer ??= setTimeout(draw, drawEveryMs)
  })
  const stopChanges = client.listen('run.changed', (summary) => {
    if (isLoading.value && summary.runId === runId()) told = summary
    const known = run.value
    if (known?.summary.runId !== summary.runId) return
    run.value = { ...known, summary }
    const wasGoing = known.summary.endReason === null
    // Its end brings figures, and the best state its step, that no progress report has.
    if (wasGoing && summary.endReason !== null) void reload()
  })

  function withTold(details: RunDetails): RunDetails {
    return told === undefined ? details : { ...details, summary: told }
  }

  async function reload(): Promise<void> {
    const id = runId()
    const fetch = ++fetches
    error.value = undefined
    news = []
    told = undefined
    if (id === null) {
      run.value = undefined
      isLoading.value = false
      return
    }
    if (run.value?.summary.runId !== id) run.value = undefined
    isLoading.value = true
    try {
      const details = await client.request('run.get', { runId: id })
      if (fetch === fetches) run.value = withTold(details)
    } catch (thrown) {
      if (fetch === fetches) error.value = EngineError.from(thrown)
    } finally {
      if (fetch === fetches) {
        isLoading.value = false
        draw()
      }
    }
  }

  watch(runId, () => void reload(), { immediate: true })
  watch(
    () => host.engine.state,
    (state, before) => {
      if (state === 'ready' && before !== 'busy') void reload()
    },
  )
  onScopeDispose(() => {
    clearTimeout(timer)
    stopProgress()
    stopChanges()
  })

  return { run, isLoading, error, reload }
}
