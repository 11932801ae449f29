import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import { EngineError } from '../../../core/schema/engine-error.js'
import type { Download, HubOffer, RepositoryKind } from '../../../electron/ipc/hub.js'
import { useClient } from '../bridge/client.js'
import { useTask } from '../bridge/use-task.js'
import { useModels } from '../models/models-store.js'
import { useHost } from '../shell/host-store.js'

/** Downloads as the engine reports them. Those that are done stay here until the person takes them off the list. */
export const useDownloads = defineStore('downloads', () => {
  const client = useClient()
  const host = useHost()
  const models = useModels()
  const starting = useTask('download.start')
  const byId = shallowRef<ReadonlyMap<string, Download>>(new Map())
  const error = shallowRef<EngineError>()
  /** Kind, `OWNER/NAME` and offer of the one that is being ordered. */
  const orderedOffer = shallowRef<string>()

  const downloads = computed(() => [...byId.value.values()])
  const ofKind = (kind: RepositoryKind) => downloads.value.filter((download) => download.kind === kind)

  client.listen('download.changed', (download) => {
    if (download.state === 'discarded') drop(download.download)
    else put(download)
    if (download.state === 'done' && download.kind === 'model') void models.list()
  })

  function put(download: Download): void {
    byId.value = new Map([...byId.value, [download.download, download]])
  }

  function drop(id: string): void {
    byId.value = new Map([...byId.value].filter(([known]) => known !== id))
  }

  /** Asks what there is, also from an earlier session. */
  async function load(): Promise<void> {
    await attempt(async () => {
      const listed = (await client.request('download.list', null)).downloads
      const done = downloads.value.filter(({ state }) => state === 'done')
      byId.value = new Map([...listed, ...done].map((download) => [download.download, download]))
    })
  }

  async function start(
    kind: RepositoryKind,
    name: string,
    { offer }: Pick<HubOffer, 'offer'>,
  ): Promise<void> {
    orderedOffer.value = `${kind}\0${name}\0${offer}`
    error.value = undefined
    const download = await starting.run({ kind, name, offer })
    if (download !== undefined) put(download)
    else error.value = starting.error.value
    orderedOffer.value = undefined
  }

  const pause = (id: string) => change(() => client.request('download.pause', { download: id }))
  const resume = (id: string) => change(() => client.request('download.resume', { download: id }))
  const discard = (id: string) => attempt(() => client.request('download.discard', { download: id }))

  const change = (ask: () => Promise<Download>) => attempt(async () => put(await ask()))

  async function attempt(action: () => Promise<unknown>): Promise<void> {
    error.value = undefined
    try {
      await action()
    } catch (thrown) {
      error.value = EngineError.from(thrown)
    }
  }

  // An engine that was started again knows its downloads from the disk.
  watch(
    () => host.engine.state,
    (state, before) => {
      if (state === 'ready' && before !== 'busy') void load()
    },
  )

  return { downloads, ofKind, error, orderedOffer, load, start, pause, resume, discard, drop }
})
