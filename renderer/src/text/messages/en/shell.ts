export const shell = {
  navigation: 'Steps and pages',
  skip: 'Skip to the page',
  steps: 'Adapt a model',
  library: 'Library',
  pages: {
    model: 'Model',
    data: 'Data',
    train: 'Train',
    compare: 'Compare',
    export: 'Export',
    runs: 'Runs',
    settings: 'Settings',
    about: 'About',
  },
  step: 'Step {number} of {total}',
  state: { done: 'done', current: 'current', missing: 'to do', blocked: 'waits for an earlier step' },
  noModel: 'No model chosen',
  noData: 'No data chosen',
  engine: {
    starting: 'Engine starting',
    ready: 'Engine ready',
    busy: 'Engine at work',
    gone: 'Engine stopped',
  },
  restart: 'Start the engine again',
  engineGone: 'The engine stopped. Everything it had saved is still there.',
  connection: {
    connected: { what: 'Connected', next: '' },
    lost: {
      what: 'The connection to the program is lost.',
      next: 'If it still runs on that machine, try again. A run goes on without this page.',
    },
    'wrong-token': {
      what: 'This address has been used already, or is not the right one.',
      next: 'Open the address that the program printed last. For a new one, start it again.',
    },
    'session-elsewhere': {
      what: 'Zerotune is open in another window.',
      next: 'Go on there, or close it and reload this page.',
    },
    'wrong-version': {
      what: 'This page and the program are of different versions.',
      next: 'Reload the page without its cache.',
    },
    malformed: {
      what: 'The program did not understand this page.',
      next: 'Reload the page. If that does not help, start the program again.',
    },
  },
  announce: { page: '{page}, page opened' },
}
