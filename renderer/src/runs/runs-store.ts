import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { EngineError } from '../../../core/schema/engine-error.js'
import type { RunSummary } from '../../../electron/ipc/runs.js'
import { useClient } from '../bridge/client.js'

/** The runs as the engine lists them, kept true by what it reports. */
export const useRuns = defineStore('runs', () => {
  const client = useClient()
  const runs = shallowRef<readonly RunSummary[]>()
  const error = shallowRef<EngineError>()
  /** The last run that went to the trash, as long as that can be undone. */
  const trashed = shallowRef<RunSummary>()

  function put(summary: RunSummary): void {
    if (runs.value === undefined) return
    const isKnown = runs.value.some(({ runId }) => runId === summary.runId)
    runs.value = isKnown
      ? runs.value.map((run) => (run.runId === summary.runId ? summary : run))
      : [summary, ...runs.value].toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
  }
  client.listen('run.changed', put)

  async function attempt<T>(action: () => Promise<T>): Promise<T | undefined> {
    error.value = undefined
    try {
      return await action()
    } catch (thrown) {
      error.value = EngineError.from(thrown)
      return undefined
    }
  }

  async function load(): Promise<void> {
    const listed = await attempt(() => client.request('run.list', null))
    if (listed !== undefined) runs.value = listed.runs
  }

  async function rename(runId: string, name: string): Promise<void> {
    const renamed = await attempt(() => client.request('run.rename', { runId, name }))
    if (renamed !== undefined) put(renamed)
  }

  /** True where the note was kept. */
  async function note(runId: string, text: string): Promise<boolean> {
    const noted = await attempt(() => client.request('run.note', { runId, note: text }))
    if (noted !== undefined) put(noted)
    return noted !== undefined
  }

  async function remove(run: RunSummary): Promise<void> {
    const answer = await attempt(() => client.request('run.delete', { runId: run.runId }))
    if (answer === undefined) return
    runs.value = runs.value?.filter(({ runId }) => runId !== run.runId)
    trashed.value = run
  }

  async function restore(): Promise<void> {
    const run = trashed.value
    if (run === undefined) return
    const restored = await attempt(() => client.request('run.restore', { runId: run.runId }))
    if (restored === undefined) return
    trashed.value = undefined
    put(restored)
  }

  return { runs, error, trashed, load, rename, note, remove, restore }
})
