import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { EngineError } from '../../../core/schema/engine-error.js'
import type { HubToken, KnownHubModel, RepositoryKind } from '../../../electron/ipc/hub.js'
import { useClient } from '../bridge/client.js'
import { useTask } from '../bridge/use-task.js'

/** What was looked for at the hub among models. A store, so that going back finds it as it was. */
export const useModelHub = defineStore('model-hub', () => hubOf('model'))
/** The same among data sets. */
export const useDataHub = defineStore('data-hub', () => hubOf('dataset'))

/** The store of one kind. */
export const useHub = (kind: RepositoryKind) => (kind === 'model' ? useModelHub() : useDataHub())

function hubOf(kind: RepositoryKind) {
  const client = useClient()
  const searching = useTask('hub.search')
  const listing = useTask('hub.files')
  const words = ref('')
  /** The words that `searching` has the outcome of. */
  const searched = ref('')
  /** The repository whose files are shown. */
  const opened = shallowRef<string>()
  const known = shallowRef<readonly KnownHubModel[]>([])
  const token = shallowRef<HubToken>()
  const error = shallowRef<EngineError>()

  const files = computed(() => (opened.value === undefined ? undefined : listing.result.value))

  /** Models to begin with, of which there are none among data sets, and whether there is a token. Asks nobody outside. */
  async function load(): Promise<void> {
    try {
      if (kind === 'model') known.value = (await client.request('hub.known', null)).models
      token.value = await client.request('token.describe', null)
    } catch (thrown) {
      error.value = EngineError.from(thrown)
    }
  }

  /** Nothing typed: the models to begin with. */
  async function search(): Promise<void> {
    const wanted = words.value.trim()
    close()
    searching.clear()
    searched.value = wanted
    if (wanted !== '') await searching.run({ kind, words: wanted })
  }

  async function open(name: string): Promise<void> {
    listing.clear()
    opened.value = name
    await listing.run({ kind, name })
  }

  function close(): void {
    listing.clear()
    opened.value = undefined
  }

  async function setToken(text: string | null): Promise<void> {
    error.value = undefined
    try {
      token.value = await client.request('token.set', { token: text })
      // What was refused without it may be given now.
      const refused = listing.error.value?.code === 'hub-denied' ? opened.value : undefined
      if (text !== null && refused !== undefined) void open(refused)
    } catch (thrown) {
      error.value = EngineError.from(thrown)
    }
  }

  return {
    words,
    searched,
    opened,
    known,
    token,
    error,
    searching,
    listing,
    files,
    load,
    search,
    open,
    close,
    setToken,
  }
}
