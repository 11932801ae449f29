import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { EngineError } from '../../../core/schema/engine-error.js'
import type { ModelEntry } from '../../../electron/ipc/models.js'
import { useClient } from '../bridge/client.js'
import { useTask } from '../bridge/use-task.js'
import { useWizard } from '../wizard/wizard-store.js'

/** The models of this computer and what is known of the chosen one. A store, so that going back finds both as they were. */
export const useModels = defineStore('models', () => {
  const client = useClient()
  const wizard = useWizard()
  const listing = useTask('model.list')
  const inspecting = useTask('model.inspect')

  /** The model that is shown: being looked at, or looked at already. */
  const shown = shallowRef<ModelEntry | null>(wizard.state.model?.entry ?? null)
  const openError = shallowRef<EngineError>()
  const isOpening = ref(false)

  const entries = computed(() => {
    const listed = listing.result.value?.models ?? []
    const entry = shown.value
    const isListed = entry === null || listed.some(({ model }) => model === entry.model)
    return isListed ? listed : [entry, ...listed]
  })
  const inspection = computed(() => {
    const result = inspecting.result.value
    return result !== undefined && result.entry.model === shown.value?.model ? result : undefined
  })

  /** Looks at a model; once it is understood, it is the wizard's choice. */
  async function select(entry: ModelEntry): Promise<void> {
    openError.value = undefined
    shown.value = entry
    const isShown = (): boolean => shown.value?.model === entry.model
    const found = await inspecting.run({ model: entry.model })
    if (!isShown()) return
    if (found !== undefined) {
      shown.value = found.entry
      wizard.choose({ model: { entry: found.entry, canTrain: found.summary.canTrain } })
    } else if (inspecting.error.value !== undefined) {
      wizard.choose({ model: null })
    }
  }

  /** Asks the host for a file: by its dialog, or by a path that was typed or dropped. */
  async function openBy(ask: () => Promise<ModelEntry | null>): Promise<boolean> {
    openError.value = undefined
    isOpening.value = true
    try {
      const entry = await ask()
      if (entry !== null) void select(entry)
      return entry !== null
    } catch (thrown) {
      openError.value = EngineError.from(thrown)
      return false
    } finally {
      isOpening.value = false
    }
  }

  /** Stops looking and goes back to what was chosen before. */
  function cancel(): void {
    inspecting.cancel()
    shown.value = wizard.state.model?.entry ?? null
  }

  const pick = () => openBy(() => client.request('model.pick', null))
  const open = (path: string) => openBy(() => client.request('model.open', { path }))

  /** Takes a model off the list of recent ones. */
  async function forget(entry: ModelEntry): Promise<void> {
    await client.request('model.forget', { model: entry.model })
    await list()
  }

  async function list(): Promise<void> {
    await listing.run({})
  }

  /** Shows the last choice again after a restart, and lists what there is. */
  function start(): void {
    if (listing.result.value === undefined && !listing.isRunning.value) void list()
    const entry = shown.value
    if (entry !== null && inspection.value === undefined && !inspecting.isRunning.value) void select(entry)
  }

  return {
    entries,
    shown,
    inspection,
    listing,
    inspecting,
    openError,
    isOpening,
    select,
    cancel,
    pick,
    open,
    forget,
    list,
    start,
  }
})
