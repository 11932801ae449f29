import {
  computed,
  type ComputedRef,
  onScopeDispose,
  type Ref,
  ref,
  shallowRef,
  type ShallowRef,
  watch,
} from 'vue'
import { EngineError } from '../../../core/schema/engine-error.js'
import type { RequestOutput } from '../../../electron/ipc/contract.js'
import type { Choices } from '../../../electron/ipc/choices.js'
import { useClient } from '../bridge/client.js'
import { type TaskRunner, useTask } from '../bridge/use-task.js'
import { untouchedChoices } from '../wizard/untouched-choices.js'
import { useWizard } from '../wizard/wizard-store.js'

export type Device = RequestOutput<'device.describe'>

/** What a person chooses about training, and what the engine says it comes to. */
export interface Plan {
  readonly choices: ComputedRef<Choices>
  readonly device: Readonly<ShallowRef<Device | undefined>>
  readonly deviceError: Readonly<ShallowRef<EngineError | undefined>>
  readonly planning: TaskRunner<'plan.make'>
  readonly measuring: TaskRunner<'plan.dryRun'>
  /** True from a change until the plan is the one for it. */
  readonly isStale: Readonly<Ref<boolean>>
  change(changes: Partial<Choices>): void
  resetSettings(): void
  measure(): Promise<void>
}

/** A slider sends many values; the plan follows once it rests this long. */
const restMs = 150
/** Measuring waits longer: it costs more, and the person may still be choosing. */
const measureRestMs = 600

/**
 * The choices of the wizard, planned again after every change of them or of the rows. Where no time is known for a plan that
 * fits, two steps are measured unasked, once.
 *
 * @param isWanted false while there is nothing to plan, or the engine has a run to work on
 */
export function usePlan(isWanted: () => boolean): Plan {
  const client = useClient()
  const wizard = useWizard()
  const planning = useTask('plan.make')
  const measuring = useTask('plan.dryRun')
  const device = shallowRef<Device>()
  const deviceError = shallowRef<EngineError>()
  const isStale = ref(true)
  let resting: ReturnType<typeof setTimeout> | undefined
  let measureLater: ReturnType<typeof setTimeout> | undefined
  const measured = new Set<string>()

  const choices = computed<Choices>(
    () =>
      wizard.state.choices ?? {
        preset: 'balanced',
        budgetBytes: device.value?.defaultBudgetBytes ?? 0,
        ...untouchedChoices,
      },
  )

  client
    .request('device.describe', null)
    .then((described) => (device.value = described))
    .catch((thrown: unknown) => (deviceError.value = EngineError.from(thrown)))

  async function make(): Promise<void> {
    const { selection } = wizard
    if (selection === null || device.value === undefined || !isWanted()) return
    const plan = await planning.run({ selection, choices: choices.value })
    if (planning.isRunning.value) return
    isStale.value = planning.error.value !== undefined
    const subject = JSON.stringify([selection, choices.value])
    if (plan?.time !== null || plan.memory.verdict === 'exceeds' || measured.has(subject)) return
    measureLater = setTimeout(() => {
      measured.add(subject)
      void measure()
    }, measureRestMs)
  }

  function change(changes: Partial<Choices>): void {
    wizard.choose({ choices: { ...choices.value, ...changes } })
  }

  async function measure(): Promise<void> {
    const { selection } = wizard
    if (selection === null || !isWanted()) return
    // With a measured step behind it, the plan knows the time of every preset.
    if ((await measuring.run({ selection, choices: choices.value })) !== undefined) await make()
  }

  watch(
    () =>
      [JSON.stringify(wizard.selection), JSON.stringify(choices.value), device.value, isWanted()] as const,
    (now, before) => {
      isStale.value = true
      if (before !== undefined) measuring.clear()
      clearTimeout(resting)
      clearTimeout(measureLater)
      resting = setTimeout(() => void make(), now[2] === before?.[2] ? restMs : 0)
    },
    { immediate: true },
  )

  onScopeDispose(() => {
    clearTimeout(resting)
    clearTimeout(measureLater)
  })

  return {
    choices,
    device,
    deviceError,
    planning,
    measuring,
    isStale,
    change,
    resetSettings: () => change(untouchedChoices),
    measure,
  }
}
