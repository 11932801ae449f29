import { join } from 'node:path'
import { settings as settingsSchema, type Settings } from '../ipc/app.js'
import type { Tell } from '../ipc/contract.js'
import type { EngineConfig } from '../ipc/engine-frames.js'
import { libraryFolders, modelsFolder } from './app-folders.js'
import { defaultSettings } from './default-settings.js'
import type { EngineChild } from './engine-child.js'
import { EngineClient } from './engine-client.js'
import { wizardSchema, type Wizard } from './host-handlers.js'
import { SavedToken, type Safe } from './saved-token.js'
import { SavedValue } from './saved-value.js'

export interface HostParts {
  readonly stateFolder: string
  readonly homeFolder: string
  readonly platform: NodeJS.Platform
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Encrypts what must not lie on the disk as it is; null where nothing here can. */
  readonly safe: Safe | null
  /** For diagnostics. */
  readonly hostName: string
  readonly checksOutput: boolean
  readonly fork: () => EngineChild
  readonly tell: Tell
}

/** What every host keeps: settings, the page's state, and the engine. */
export interface OpenHost {
  readonly settings: SavedValue<Settings>
  readonly wizard: SavedValue<Wizard>
  /** For models that need one. */
  readonly token: SavedToken
  readonly engine: EngineClient
}

/** Reads what was kept and makes the engine's client; nothing is started. */
export function openHost(parts: HostParts): OpenHost {
  const { stateFolder, homeFolder, platform, environment, safe, hostName, checksOutput, fork, tell } = parts
  const settings = new SavedValue(join(stateFolder, 'settings.json'), settingsSchema, defaultSettings)
  const wizard = new SavedValue(join(stateFolder, 'wizard.json'), wizardSchema, null)
  const token = new SavedToken(join(stateFolder, 'hub-token'), safe)
  const config = (): EngineConfig => ({
    stateFolder,
    homeFolder,
    libraries: libraryFolders(environment, homeFolder),
    modelsFolder: modelsFolder(environment, platform, homeFolder),
    hubEndpoint: environment.HF_ENDPOINT ?? null,
    hubToken: token.value,
    searchPath: environment.PATH ?? environment.Path ?? '',
    threads: settings.value.threads,
    device: settings.value.device,
    deviceMemoryBytes: settings.value.deviceMemoryBytes,
    isOffline: settings.value.isOffline,
    looksInLibraries: settings.value.looksInLibraries,
    runsFolder: settings.value.runsFolder?.folder ?? null,
    exportsFolder: settings.value.exportsFolder?.folder ?? null,
    hostName,
    checksOutput,
  })
  const engine = new EngineClient({ fork, config, tell, now: () => performance.now() })
  return { settings, wizard, token, engine }
}
