import type { Messages } from '../en/index.js'

export const tasks: Messages['tasks'] = {
  phases: {
    'looking-for-models': 'Modelle werden gesucht',
    'asking-the-hub': 'Der Hub wird gefragt',
    'reading-header': 'Der Kopf des Modells wird gelesen',
    hashing: 'Die Prüfsumme der Datei wird berechnet',
    'loading-model': 'Das Modell wird geladen',
    'reading-rows': 'Die Zeilen werden gelesen',
    'making-tokens': 'Aus Zeilen werden Tokens',
    planning: 'Der Plan wird berechnet',
    'probing-layers': 'Sonden suchen die Schichten, die sich lohnen',
    'measuring-steps': 'Zwei Schritte werden gemessen',
    'replaying-steps': 'Die Schritte werden nachgespielt',
    'evaluating-base': 'Das Ausgangsmodell wird bewertet',
    'evaluating-adapted': 'Das angepasste Modell wird bewertet',
    generating: 'Text wird erzeugt',
    writing: 'Es wird geschrieben',
    'reading-back': 'Das Geschriebene wird zurückgelesen',
    proving: 'Der Export erzeugt einmal Text',
    'writing-card': 'Das Datenblatt wird geschrieben',
    importing: 'Es wird importiert',
  },
  starting: 'Es geht los',
  units: {
    bytes: '{done} von {total}',
    rows: '{done} von {total} Zeilen',
    steps: '{done} von {total} Schritten',
    tokens: '{done} von {total} Tokens',
    files: '{done} von {total} Dateien',
    tensors: '{done} von {total} Tensoren',
  },
}
