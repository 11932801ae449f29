import type { Device } from '../../core/index.js'
import type { Tell } from '../ipc/contract.js'
import type { EngineConfig } from '../ipc/engine-frames.js'
import type { KnownFiles } from './known-files.js'
import type { ModelCache } from './model-cache.js'
import type { Selections } from './selections.js'
import type { Tasks } from './tasks.js'

/** What the handlers share. */
export interface EngineContext {
  /** As the host last said. */
  readonly config: () => EngineConfig
  readonly tell: Tell
  /** Milliseconds from any fixed moment. */
  readonly now: () => number
  readonly today: () => Date
  readonly files: KnownFiles
  readonly tasks: Tasks
  readonly models: ModelCache
  readonly selections: Selections
  /** Where graphs run, with so many threads: those of the settings where they are not given or null. */
  readonly device: (threads?: number | null) => Device
}
