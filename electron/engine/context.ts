import type { Tell } from '../ipc/contract.js'
import type { EngineConfig } from '../ipc/engine-frames.js'
import type { Devices } from './devices.js'
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
  /** Where graphs run. */
  readonly devices: Devices
}
