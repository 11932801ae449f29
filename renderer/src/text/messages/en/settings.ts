export const settings = {
  lead: 'Changes hold at once.',
  look: 'Look and language',
  theme: 'Theme',
  themes: { system: 'As the system', light: 'Light', dark: 'Dark' },
  language: 'Language',
  systemLanguage: 'As the system ({language})',
  engine: 'Computing',
  device: 'Device',
  deviceFacts: '{name}, {cores} cores, {memory} of memory',
  providers: 'Runs by',
  threads: 'Threads',
  threadsHint:
    'Of the {cores} cores. Empty means all; fewer leave room for other work. Holds from the next run on.',
  allThreads: 'all',
  network: 'Network',
  offline: 'Never use the network',
  offlineHint:
    'No request leaves this computer. Nothing is ever sent about you or your work, switched on or off.',
  libraries: 'Models of other programs',
  looks: 'List models of Ollama, LM Studio and the Hugging Face cache',
  looksHint: 'They are used where they are, never copied or changed.',
  folders: 'Folders',
  runs: 'Runs',
  exports: 'Exports',
  standardFolder: 'The app’s own folder',
}

export const about = {
  lead: 'Version {version}.',
  versions: 'Versions',
  licences: 'Licences of what is inside',
  licenceOf: 'Package',
  version: 'Version',
  licence: 'Licence',
  diagnostics: 'Diagnostics',
  diagnosticsHint:
    'Facts for a report: versions, machine, settings and the last failures. Your home folder, file names and rows are left out. Nothing is sent.',
  show: 'Show what is in them',
  copy: 'Copy diagnostics',
  copied: 'The diagnostics are on the clipboard.',
}
