import type { Settings } from '../../../electron/ipc/app.js'
import type { Answers } from './fake-host.js'
import { fixedHubAnswers } from './fixed-hub.js'

const firstSettings: Settings = {
  theme: 'light',
  language: 'en',
  threads: null,
  isOffline: true,
  runsFolder: null,
  exportsFolder: null,
  looksInLibraries: true,
  device: 'auto',
  deviceMemoryBytes: null,
}

/** Answers about the app itself. Settings and the wizard are remembered, as a real host does, across reloads. */
export function fixedAppAnswers(settings: Partial<Settings> = {}, wizard: unknown = null): Answers {
  let kept: Settings = { ...firstSettings, ...settings }
  let remembered = wizard
  return {
    ...fixedHubAnswers(),
    'app.describe': () => ({
      host: 'browser',
      version: '0.1.0',
      platform: 'linux',
      engine: { state: 'ready' },
      canPickFiles: false,
      canReveal: false,
    }),
    'engine.restart': () => ({ state: 'ready' }),
    'settings.get': () => kept,
    'settings.change': (changes) => {
      // Folders are handles on the way in and entries on the way out; this host knows none.
      kept = { ...kept, ...(changes as Partial<Settings>), runsFolder: null, exportsFolder: null }
      return kept
    },
    'wizard.load': () => ({ state: remembered as never }),
    'wizard.save': ({ state }) => {
      remembered = state
      return null
    },
    'task.cancel': () => null,
  }
}
