import type { Messages } from '../en/index.js'

export const shell: Messages['shell'] = {
  navigation: 'Schritte und Seiten',
  skip: 'Zur Seite springen',
  steps: 'Modell anpassen',
  library: 'Ablage',
  pages: {
    model: 'Modell',
    data: 'Daten',
    train: 'Training',
    compare: 'Vergleich',
    export: 'Export',
    runs: 'Läufe',
    settings: 'Einstellungen',
    about: 'Über Zerotune',
  },
  step: 'Schritt {number} von {total}',
  state: {
    done: 'erledigt',
    current: 'aktuell',
    missing: 'offen',
    blocked: 'wartet auf einen früheren Schritt',
  },
  noModel: 'Kein Modell gewählt',
  noData: 'Keine Daten gewählt',
  engine: {
    starting: 'Engine startet',
    ready: 'Engine bereit',
    busy: 'Engine arbeitet',
    gone: 'Engine beendet',
  },
  restart: 'Engine neu starten',
  engineGone: 'Die Engine wurde beendet. Alles, was gespeichert war, ist noch da.',
  connection: {
    connected: { what: 'Verbunden', next: '' },
    lost: {
      what: 'Die Verbindung zum Programm ist abgebrochen.',
      next: 'Wenn es dort noch läuft, versuche es erneut. Ein Training geht auch ohne diese Seite weiter.',
    },
    'wrong-token': {
      what: 'Diese Adresse wurde schon verwendet oder ist nicht die richtige.',
      next: 'Öffne die Adresse, die das Programm zuletzt ausgegeben hat. Eine neue gibt es nach einem Neustart.',
    },
    'session-elsewhere': {
      what: 'Zerotune ist in einem anderen Fenster geöffnet.',
      next: 'Mach dort weiter, oder schließe es und lade diese Seite neu.',
    },
    'wrong-version': {
      what: 'Diese Seite und das Programm haben verschiedene Versionen.',
      next: 'Lade die Seite ohne Zwischenspeicher neu.',
    },
    malformed: {
      what: 'Das Programm hat diese Seite nicht verstanden.',
      next: 'Lade die Seite neu. Hilft das nicht, starte das Programm neu.',
    },
  },
  announce: { page: '{page}, Seite geöffnet' },
}
