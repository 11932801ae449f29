import type { Messages } from '../en/index.js'

export const common: Messages['common'] = {
  app: 'Zerotune',
  cancel: 'Abbrechen',
  close: 'Schließen',
  copy: 'Kopieren',
  copied: 'Kopiert',
  dismiss: 'Ausblenden',
  tryAgain: 'Erneut versuchen',
  details: 'Technische Einzelheiten',
  remove: 'Entfernen',
  loading: 'Wird geladen …',
  unknown: 'keine Angabe',
  yes: 'ja',
  no: 'nein',
  rows: '{count} Zeile | {count} Zeilen',
  lines: 'Zeile {lines} | Zeilen {lines}',
  more: 'und {count} weitere',
  items: {
    model: 'Modell',
    data: 'Datendatei',
    folder: 'Ordner',
    run: 'Lauf',
    export: 'Export',
    comparison: 'Vergleich',
  },
}
