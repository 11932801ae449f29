import type { PowerSaveBlocker } from 'electron'
import type { EventPayload } from '../ipc/contract.js'

const trainingStates: ReadonlySet<string> = new Set(['preparing', 'running', 'pausing', 'stopping'])

/** Keeps the computer awake while a run steps, and only then. */
export class SleepBlocker {
  readonly #blocker: Pick<PowerSaveBlocker, 'start' | 'stop'>
  #id: number | null = null

  constructor(blocker: Pick<PowerSaveBlocker, 'start' | 'stop'>) {
    this.#blocker = blocker
  }

  /** A run changed: only one can go, so what is true of the last is true of all. */
  note({ state }: Pick<EventPayload<'run.changed'>, 'state'>): void {
    if (trainingStates.has(state)) this.#id ??= this.#blocker.start('prevent-app-suspension')
    else this.release()
  }

  /** Nothing goes any more. */
  release(): void {
    if (this.#id !== null) this.#blocker.stop(this.#id)
    this.#id = null
  }
}
