import type { Settings } from '../ipc/app.js'

/** Settings of a person who never changed any. */
export const defaultSettings: Settings = {
  theme: 'system',
  language: null,
  threads: null,
  device: 'auto',
  deviceMemoryBytes: null,
  isOffline: true,
  runsFolder: null,
  exportsFolder: null,
  looksInLibraries: true,
}
