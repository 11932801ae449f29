import { join } from 'node:path'
import { knownHashesAt, type Hub } from '../../core/index.js'
import type { Handlers, Tell } from '../ipc/contract.js'
import type { EngineConfig } from '../ipc/engine-frames.js'
import { Comparisons } from './comparisons.js'
import type { EngineContext } from './context.js'
import { DataTables } from './data-tables.js'
import { Devices } from './devices.js'
import { Downloads } from './downloads.js'
import { ExportRecords } from './export-records.js'
import { aboutHandlers } from './handlers/about.js'
import { comparisonHandlers } from './handlers/comparison.js'
import { dataHandlers } from './handlers/data.js'
import { exportHandlers } from './handlers/exports.js'
import { hubHandlers } from './handlers/hub.js'
import { modelHandlers } from './handlers/models.js'
import { planHandlers } from './handlers/plan.js'
import { runHandlers } from './handlers/runs.js'
import { taskHandlers } from './handlers/tasks.js'
import { hubAccess } from './hub-access.js'
import { KnownFiles } from './known-files.js'
import { MeasuredTimes } from './measured-times.js'
import { ModelCache } from './model-cache.js'
import { OpenedRuns } from './opened-runs.js'
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
  const models = new ModelCache(() =>
    knownHashesAt(join(config.stateFolder, 'model-hashes.json'), () => today().getTime()),
  )
  const context: EngineContext = {
    config: () => config,
    tell,
    now,
    today,
    files,
    tasks,
    models,
    selections: new Selections({ files, models, today, scratchFolder: () => config.stateFolder }),
    devices: new Devices(() => config, now),
  }
  const hub = (): Hub => hubAccess(() => config)
  const downloads = new Downloads(context, hub)
  const folderOf = (chosen: string | null, name: string): string =>
    chosen === null ? join(config.stateFolder, name) : files.find(chosen, 'folder').path
  const folders = new RunFolders(() => folderOf(config.runsFolder, 'runs'))
  const desk = new RunDesk(context, folders)
  const runs = new OpenedRuns(folders, models)
  const comparisons = new Comparisons(context, runs)
  const records = new ExportRecords(() => join(config.stateFolder, 'exports.json'))
  const exportsFolder = (): string => folderOf(config.exportsFolder, 'exports')
  return {
    handlers: {
      ...modelHandlers(context),
      ...hubHandlers(context, downloads, hub),
      ...dataHandlers(context, new DataTables(), folders),
      ...planHandlers(context, folders, new MeasuredTimes()),
      ...runHandlers(desk),
      ...comparisonHandlers(context, { folders, runs, comparisons }),
      ...exportHandlers(context, { folders, runs, records, exportsFolder }),
      ...aboutHandlers(context, desk),
      ...taskHandlers(context),
    },
    config: () => config,
    configure: (next) => {
      const wasOnline = !config.isOffline
      config = next
      // Connections that are open already would go on for a while.
      if (wasOnline && next.isOffline) void downloads.pauseAll()
    },
    locate: (what, name) => (what === 'folder' ? files.find(name, 'folder').path : records.locate(name)),
    close: async () => {
      tasks.cancelAll()
      await Promise.all([downloads.pauseAll(), desk.close()])
    },
  }
}
