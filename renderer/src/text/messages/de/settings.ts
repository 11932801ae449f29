import type { Messages } from '../en/index.js'

export const settings: Messages['settings'] = {
  lead: 'Änderungen gelten sofort.',
  look: 'Aussehen und Sprache',
  theme: 'Farben',
  themes: { system: 'Wie das System', light: 'Hell', dark: 'Dunkel' },
  language: 'Sprache',
  systemLanguage: 'Wie das System ({language})',
  engine: 'Rechnen',
  device: 'Gerät',
  deviceFacts: '{name}, {cores} Kerne, {memory} Speicher',
  runsOn: 'Modelle laufen auf',
  devices: {
    auto: 'Was schneller ist, gemessen',
    cpu: 'Prozessor',
    webgpu: 'Grafikkarte (WebGPU)',
    cuda: 'Grafikkarte (CUDA)',
    dml: 'Grafikkarte (DirectML)',
    there: '{name}: {adapter}',
    missing: '{name}: nicht gefunden',
    why: '{name} ist nicht da: {reason}.',
    software: '{name}: {adapter}, langsamer als der Prozessor',
    looking: 'Sieht nach, was da ist',
    hint: 'Training und Bewertung benutzen jetzt: {name}. Text schreibt der Prozessor. Ein Lauf geht dort weiter, wo er begann.',
  },
  gpuMemory: 'GPU-Speicher, GB',
  gpuMemoryHint:
    'Was ein Grafikprozessor vom Modell bekommt: So viele der oberen Schichten, wie hineinpassen, rechnen dort, die übrigen auf dem Prozessor. Leer heißt alle.',
  allLayers: 'alle',
  threads: 'Threads',
  threadsHint:
    'Von den {cores} Kernen. Leer heißt alle; weniger lassen Platz für andere Arbeit. Gilt ab dem nächsten Lauf.',
  allThreads: 'alle',
  network: 'Netz',
  offline: 'Nie das Netz benutzen',
  offlineHint:
    'Keine Anfrage verlässt diesen Rechner. Über dich oder deine Arbeit wird nie etwas gesendet, ob an oder aus.',
  libraries: 'Modelle anderer Programme',
  looks: 'Modelle von Ollama, LM Studio und dem Hugging-Face-Cache auflisten',
  looksHint: 'Sie werden benutzt, wo sie liegen, und nie kopiert oder verändert.',
  folders: 'Ordner',
  runs: 'Läufe',
  exports: 'Exporte',
  standardFolder: 'Der eigene Ordner der App',
}

export const about: Messages['about'] = {
  lead: 'Version {version}.',
  versions: 'Versionen',
  licences: 'Lizenzen der Bestandteile',
  licenceOf: 'Paket',
  version: 'Version',
  licence: 'Lizenz',
  diagnostics: 'Diagnose',
  diagnosticsHint:
    'Tatsachen für eine Fehlermeldung: Versionen, Rechner, Einstellungen und die letzten Fehler. Dein Ordner, Dateinamen und Zeilen bleiben draußen. Gesendet wird nichts.',
  show: 'Zeigen, was darin steht',
  copy: 'Diagnose kopieren',
  copied: 'Die Diagnose ist in der Zwischenablage.',
}
