import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { Selection } from '../../../electron/ipc/selection.js'
import { useClient } from '../bridge/client.js'
import { taskOf } from './task-draft.js'
import type { StepName } from './steps.js'
import { emptyWizard, readWizard, type WizardState } from './wizard-state.js'

/** `blocked`: an earlier step is not done. */
export type StepState = 'done' | 'missing' | 'blocked'

const pauseMs = 250

/** The wizard's choices, kept by the host. `load` once before the app is shown; every `choose` is saved. */
export const useWizard = defineStore('wizard', () => {
  const client = useClient()
  const state = shallowRef<WizardState>(emptyWizard)
  let pause: ReturnType<typeof setTimeout> | undefined
  let isUnsaved = false

  /** What the first two steps add up to; null while something is missing. */
  const selection = computed<Selection | null>(() => {
    const { model, train, dev, draft, leaveOutBadRows, maximumTokens, rows } = state.value
    const task = draft === null ? null : taskOf(draft)
    if (model?.canTrain !== true || train === null || task === null) return null
    return {
      model: model.entry.model,
      train: train.data,
      dev: dev?.data ?? null,
      task,
      leaveOutBadRows,
      maximumTokens,
      rows,
    }
  })

  const isDone = computed<Readonly<Record<StepName, boolean>>>(() => {
    const { model, run, checkedSelection, comparedRunId, exportedRunId } = state.value
    const hasRun = run?.isDone === true
    return {
      model: model?.canTrain === true,
      data: selection.value !== null && checkedSelection === JSON.stringify(selection.value),
      train: hasRun,
      compare: hasRun && comparedRunId === run.runId,
      export: hasRun && exportedRunId === run.runId,
    }
  })

  function stateOf(step: StepName): StepState {
    if (isDone.value[step]) return 'done'
    const needed: Readonly<Record<StepName, StepName | null>> = {
      model: null,
      data: 'model',
      train: 'data',
      compare: 'train',
      export: 'train',
    }
    const before = needed[step]
    return before === null || isDone.value[before] ? 'missing' : 'blocked'
  }

  /** What was chosen in a step, in a few words of the person's own; undefined where nothing was. */
  function choiceOf(step: StepName): string | undefined {
    const { model, train, run } = state.value
    if (step === 'model') return model?.entry.name
    if (step === 'data') return train?.name
    return step === 'train' ? run?.name : undefined
  }

  async function load(): Promise<void> {
    const { state: remembered } = await client.request('wizard.load', null)
    state.value = readWizard(remembered)
  }

  /** Changes what is named. The first change is saved at once, a burst of them (typing) when it pauses. */
  function choose(changes: Partial<WizardState>): void {
    state.value = { ...state.value, ...changes }
    isUnsaved = true
    if (pause === undefined) save()
    clearTimeout(pause)
    pause = setTimeout(() => {
      pause = undefined
      save()
    }, pauseMs)
  }

  /** Saves what is not saved yet; also when the page goes away. */
  function save(): void {
    if (!isUnsaved) return
    isUnsaved = false
    // The next choice saves everything again; a page that cannot save says so by its lost connection.
    client.request('wizard.save', { state: state.value as never }).catch(() => undefined)
  }

  addEventListener('pagehide', save)

  return { state, selection, stateOf, choiceOf, load, choose }
})
