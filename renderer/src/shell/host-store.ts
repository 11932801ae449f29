import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { EngineState } from '../../../electron/ipc/app.js'
import type { RequestOutput } from '../../../electron/ipc/contract.js'
import { useClient } from '../bridge/client.js'

/** Where the page runs, what this host can do, and how its engine is. `load` once before the app is shown. */
export const useHost = defineStore('host', () => {
  const client = useClient()
  const description = shallowRef<RequestOutput<'app.describe'>>()
  const engine = shallowRef<EngineState>({ state: 'starting' })
  client.listen('engine.changed', (state) => (engine.value = state))

  async function load(): Promise<void> {
    description.value = await client.request('app.describe', null)
    engine.value = description.value.engine
  }

  /** Starts a new engine where the old one is gone. */
  async function restartEngine(): Promise<void> {
    engine.value = await client.request('engine.restart', null)
  }

  return {
    description,
    engine,
    /** False in a browser: files are then named by typing their path. */
    canPickFiles: computed(() => description.value?.canPickFiles ?? false),
    canReveal: computed(() => description.value?.canReveal ?? false),
    load,
    restartEngine,
  }
})
