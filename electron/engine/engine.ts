import { join } from 'node:path'
import { EngineError, openCpuDevice } from '../../core/index.js'
import { requests, type Handlers, type RequestName, type Tell } from '../ipc/contract.js'
import type { EngineConfig } from '../ipc/engine-frames.js'
import type { EngineContext } from './context.js'
import { DataTables } from './data-tables.js'
import { dataHandlers } from './handlers/data.js'
import { modelHandlers } from './handlers/models.js'
import { planHandlers } from './handlers/plan.js'
import { runHandlers } from './handlers/runs.js'
import { taskHandlers } from './handlers/tasks.js'
import { KnownFiles } from './known-files.js'
import { MeasuredTimes } from './measured-times.js'
import { ModelCache } from './model-cache.js'
import { RunDesk } from './run-desk.js'
import { RunFolders } from './run-records.js'
import { Selections } from './selections.js'
import { Tasks } from './tasks.js'

export interface EngineOptions {
  readonly config: EngineConfig
  readonly tell: Tell
  /** Milliseconds from any fixed moment. */
  readonly now: () => number
  readonly today: () => Date
}

/** Everything that answers in the engine's process. */
export interface Engine {
  readonly handlers: Handlers<'engine'>
  readonly config: () => EngineConfig
  configure(config: EngineConfig): void
  /** The real path of an export or a folder, for the host alone. @throws EngineError 'unknown-item' */
  locate(what: 'export' | 'folder', name: string): string
  /** Stops the run, if one goes, and keeps it. */
  close(): Promise<void>
}

/** Makes the engine. Nothing is loaded until it is asked for. */
export function createEngine({ config: first, tell, now, today }: EngineOptions): Engine {
  let config = first
  const files = new KnownFiles(join(first.stateFolder, 'known-files.json'))
  const tasks = new Tasks(tell, now)
  const models = new ModelCache()
  const context: EngineContext = {
    config: () => config,
    tell,
    now,
    today,
    files,
    tasks,
    models,
    selections: new Selections({ files, models, today }),
    device: () => openCpuDevice(config.threads === null ? {} : { threads: config.threads }),
  }
  const folderOf = (chosen: string | null, name: string): string =>
    chosen === null ? join(config.stateFolder, name) : files.find(chosen, 'folder').path
  const desk = new RunDesk(context, new RunFolders(() => folderOf(config.runsFolder, 'runs')))
  return {
    handlers: {
      ...notYet(),
      ...modelHandlers(context),
      ...dataHandlers(context, new DataTables()),
      ...planHandlers(context, new MeasuredTimes()),
      ...runHandlers(desk),
      ...taskHandlers(context),
    },
    config: () => config,
    configure: (next) => {
      config = next
    },
    locate: (what, name) => {
      if (what === 'folder') return files.find(name, 'folder').path
      throw new EngineError('unknown-item', { what }, `there is no ${what} '${name}'`)
    },
    close: async () => {
      tasks.cancelAll()
      await desk.close()
    },
  }
}

function notYet(): Handlers<'engine'> {
  const names = Object.keys(requests) as RequestName[]
  const answers = names.map((name) => [
    name,
    () => {
      throw new EngineError('not-available', { feature: name }, `'${name}' is not there yet`)
    },
  ])
  return Object.fromEntries(answers) as Handlers<'engine'>
}
