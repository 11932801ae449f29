import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { EngineError } from '../../../core/schema/engine-error.js'
import type { DataEntry } from '../../../electron/ipc/data.js'
import type { Selection } from '../../../electron/ipc/selection.js'
import { useClient } from '../bridge/client.js'
import { useTask } from '../bridge/use-task.js'
import { draftOf, emptyDraft } from '../wizard/task-draft.js'
import { everyRow } from '../wizard/wizard-state.js'
import { useWizard } from '../wizard/wizard-store.js'

/** Typing in a template is not followed by a check of all rows until it pauses this long. */
const checkDelayMs = 450

/** Nothing is left out of new data. */
const allRows = { leaveOutBadRows: false, maximumTokens: null, rows: everyRow } as const

/** The chosen data: what its file holds, and what its rows become for the chosen model. */
export const useDatasets = defineStore('datasets', () => {
  const client = useClient()
  const wizard = useWizard()
  const describing = useTask('data.describe')
  const checking = useTask('data.check')
  const recent = shallowRef<readonly DataEntry[]>([])
  const openError = shallowRef<EngineError>()
  const isOpening = ref(false)
  const checkedKey = ref<string>()
  let delayedCheck: ReturnType<typeof setTimeout> | undefined

  const description = computed(() => {
    const found = describing.result.value
    return found !== undefined && found.entry.data === wizard.state.train?.data ? found : undefined
  })
  /** What the rows become; the last outcome stays while a new one is on its way. */
  const check = computed(() => (wizard.selection === null ? undefined : checking.result.value))
  const isStale = computed(() => checkedKey.value !== JSON.stringify(wizard.selection))

  /** Describes the training file; a first guess of the task is taken unless there is a task already. */
  async function describe(): Promise<void> {
    const train = wizard.state.train
    if (train === null) return
    const model = wizard.state.model?.entry.model ?? null
    const found = await describing.run({ data: train.data, model })
    if (found === undefined || wizard.state.draft !== null) return
    wizard.choose({ draft: found.guess === null ? emptyDraft : draftOf(found.guess.task) })
  }

  /** Reads all rows as training would. Whether they are usable decides if the step is done. */
  async function checkRows(selection: Selection): Promise<void> {
    const found = await checking.run({ selection })
    const key = JSON.stringify(selection)
    if (key !== JSON.stringify(wizard.selection)) return
    checkedKey.value = key
    const isUsable = found !== undefined && (found.badRowCount === 0 || selection.leaveOutBadRows)
    wizard.choose({ checkedSelection: isUsable ? key : null })
  }

  async function chooseTrain(entry: DataEntry): Promise<void> {
    wizard.choose({ train: entry, draft: null, dev: null, ...allRows })
    describing.clear()
    checking.clear()
    await describe()
  }

  /** The embedded example brings its own held-out rows and task. */
  async function chooseEmbedded(): Promise<void> {
    await opening(async () => {
      const { train, dev, task } = await client.request('data.embedded', null)
      wizard.choose({ train, dev, draft: draftOf(task), ...allRows })
      describing.clear()
      checking.clear()
      void describe()
    })
  }

  /** Runs `ask` with its failure shown; undefined where it failed. */
  async function opening<T>(ask: () => Promise<T>): Promise<T | undefined> {
    openError.value = undefined
    isOpening.value = true
    try {
      return await ask()
    } catch (thrown) {
      openError.value = EngineError.from(thrown)
      return undefined
    } finally {
      isOpening.value = false
    }
  }

  const pick = () => opening(() => client.request('data.pick', null))
  const open = (path: string) => opening(() => client.request('data.open', { path }))
  const paste = (text: string, name: string) => opening(() => client.request('data.paste', { text, name }))

  async function start(): Promise<void> {
    if (description.value === undefined && !describing.isRunning.value) void describe()
    const listed = await opening(() => client.request('data.list', null))
    recent.value = listed?.files ?? []
  }

  /** Gives up the chosen data, for other data. */
  function clear(): void {
    describing.clear()
    checking.clear()
    checkedKey.value = undefined
    wizard.choose({ train: null, dev: null, draft: null, checkedSelection: null })
  }

  watch(
    () => JSON.stringify(wizard.selection),
    () => {
      clearTimeout(delayedCheck)
      checking.cancel()
      const { selection } = wizard
      if (selection === null) return
      const delay = checking.result.value === undefined ? 0 : checkDelayMs
      delayedCheck = setTimeout(() => void checkRows(selection), delay)
    },
    { immediate: true },
  )

  return {
    describing,
    checking,
    description,
    check,
    isStale,
    recent,
    openError,
    isOpening,
    chooseTrain,
    chooseEmbedded,
    describe,
    checkRows,
    pick,
    open,
    paste,
    clear,
    start,
  }
})
