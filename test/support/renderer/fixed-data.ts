import { EngineError } from '../../../core/schema/engine-error.js'
import type { TextTask } from '../../../core/schema/task.js'
import type { DataColumn, DataEntry } from '../../../electron/ipc/data.js'
import type { DataCheck, RenderedExample, Selection } from '../../../electron/ipc/selection.js'
import type { Answers } from './fake-host.js'

const train: DataEntry = {
  data: 'demo-train',
  name: 'train.tsv',
  source: 'embedded',
  fileBytes: 81_239,
  location: 'comes with the program',
  usedAt: null,
}
const dev: DataEntry = { ...train, data: 'demo-dev', name: 'dev.tsv', fileBytes: 27_533 }
const mails: DataEntry = {
  data: 'mails',
  name: 'support-mails-2026.csv',
  source: 'file',
  fileBytes: 48_212_004,
  location: '~/data/support-mails-2026.csv',
  usedAt: '2026-11-22T08:00:00Z',
}

export const fixedData = { train, dev, mails }
/** Rows of the large file. */
export const manyRows = 100_000

const teams = ['billing', 'delivery', 'account', 'technical'] as const
const messages = [
  'hello, i bought a blender ten days ago. my doorbell camera does not turn on any more. thanks',
  'The app shows a white screen since the update.',
  'a monthly fee of 18 euros keeps leaving my credit card.',
  'I already called last week. My bank statement shows two payments for the same blender.',
  'Where is my parcel? It should have been here on Monday.',
  'I cannot sign in, the code never arrives.',
] as const
const task: TextTask = {
  version: 1,
  kind: 'labels',
  prompt: '{message}\nTeam:',
  labelColumn: 'team',
  labels: Object.fromEntries(teams.map((team) => [team, ` ${team}`])),
}

const columns: DataColumn[] = [
  {
    name: 'message',
    kind: 'text',
    filledCount: 960,
    distinctCount: 951,
    longestCharacters: 212,
    samples: [messages[0], messages[1], messages[2]],
  },
  {
    name: 'team',
    kind: 'text',
    filledCount: 960,
    distinctCount: 4,
    longestCharacters: 9,
    samples: ['billing', 'technical', 'account'],
  },
]
const channel: DataColumn = {
  name: 'channel',
  kind: 'text',
  filledCount: manyRows,
  distinctCount: 3,
  longestCharacters: 5,
  samples: ['mail', 'chat', 'phone'],
}

function example(line: number, text: string, team: string): RenderedExample {
  return {
    line,
    spans: [
      { text: `${text}\nTeam:`, isTrained: false, tokenCount: 27 },
      { text: ` ${team}`, isTrained: true, tokenCount: 1 },
    ],
    tokenCount: 28,
    trainedCount: 1,
  }
}

const languageRows = (language: string, rows: number, lines: number[]) => ({
  ...{ language, rows, lines },
  isRare: lines.length > 0,
})

const usualCheck: DataCheck = {
  task,
  trainRows: 960,
  devRows: 320,
  examples: [
    example(2, messages[2], 'billing'),
    example(3, messages[3], 'billing'),
    example(7, messages[1], 'technical'),
  ],
  // A hump with a long tail, as real rows have.
  tokenLengths: Array.from({ length: 84 }, (_, index) => ({
    tokens: 9 + index,
    rows: Math.round(46 * Math.exp(-(((index - 18) / 12) ** 2)) + 5 * Math.exp(-index / 24)),
  })).filter(({ rows }) => rows > 0),
  longestTokens: 92,
  medianTokens: 27,
  contextLength: 8192,
  labels: teams.map((name, index) => ({
    name,
    text: ` ${name}`,
    trainCount: [262, 241, 198, 259][index] ?? 0,
    devCount: [88, 80, 66, 86][index] ?? 0,
  })),
  duplicates: { count: 0, firstRows: [] },
  findings: [],
  scripts: [{ name: 'Latin', rows: 960 }],
  sources: [],
  languages: {
    sampledRows: 960,
    unsureRows: 120,
    found: [languageRows('en', 838, []), languageRows('de', 2, [41, 507])],
  },
  passTokens: 27_840,
  learnedTokens: 960,
  badRowCount: 0,
  badRows: [],
  notices: [],
}

/** The large file is like the small one, with a few rows that cannot be used. */
const largeCheck: DataCheck = {
  ...usualCheck,
  trainRows: 94_988,
  devRows: 5_000,
  duplicates: {
    count: 14,
    firstRows: [
      { trainLine: 120, devLine: 4_502 },
      { trainLine: 377, devLine: 9_120 },
      { trainLine: 1_403, devLine: 44 },
    ],
  },
  findings: [
    { oddity: 'repeated', count: 31, lines: [44, 91, 1_204], otherLines: [12, 90, 377], isLeftOut: false },
    { oddity: 'contradicted', count: 2, lines: [610, 8_812], otherLines: [8_812, 610], isLeftOut: false },
    {
      oddity: 'lost-characters',
      count: 7,
      lines: [5, 88, 90, 103, 412, 771, 900],
      otherLines: [],
      isLeftOut: false,
    },
  ],
  scripts: [
    { name: 'Latin', rows: 94_100 },
    { name: 'Cyrillic', rows: 888 },
  ],
  languages: {
    sampledRows: 5_936,
    unsureRows: 410,
    found: [languageRows('en', 5_470, []), languageRows('ru', 56, [18, 1_203, 4_418])],
  },
  sources: [
    { name: 'mail', rows: 60_000 },
    { name: 'chat', rows: 34_988 },
  ],
  badRowCount: 12,
  badRows: Array.from({ length: 12 }, (_, index) => ({
    line: 310 + index * 4177,
    column: index % 3 === 0 ? 'team' : 'message',
    problem:
      index % 3 === 0
        ? 'expected 2 fields as in the header, found 1'
        : 'expected one of the labels of the task or of the training file ("a", "b"), found "c"',
    preview: index % 3 === 0 ? 'Where is my parcel?,' : ',delivery',
    isDev: false,
  })),
  notices: ['The delimiter is ‘;’, guessed from the header.'],
}

/** A corrected row is no bad row any more. */
function withoutCorrected(check: DataCheck, { corrections }: Selection['rows']): DataCheck {
  const badRows = check.badRows.filter(({ line }) => !corrections.some((each) => each.line === line))
  return { ...check, badRows, badRowCount: badRows.length }
}

/** The embedded example, and a large file with some rows that cannot be used. */
export function fixedDataAnswers(): Answers {
  return {
    'data.list': () => ({ files: [mails] }),
    'data.embedded': () => ({ train, dev, task }),
    'data.open': ({ path }) => {
      if (path.endsWith('.csv')) return mails
      throw new EngineError('file-unreadable', { path }, `cannot open ${path}: no such file`)
    },
    'data.paste': ({ text, name }) => ({
      ...train,
      data: 'pasted',
      source: 'pasted',
      name: name ?? 'pasted rows',
      fileBytes: text.length,
      location: 'pasted',
    }),
    'data.describe': ({ data }) => ({
      entry: data === mails.data ? mails : data === 'pasted' ? { ...train, data: 'pasted' } : train,
      format: 'tsv',
      columns: data === mails.data ? [...columns, channel] : columns,
      rowCount: data === mails.data ? manyRows : 960,
      emptyRowCount: 0,
      badRowCount: 0,
      badRows: [],
      guess: {
        task: { version: 1, kind: 'labels', prompt: '{message}', labelColumn: 'team' },
        reason: { code: 'few-distinct-values', column: 'team', distinctCount: 4, rowCount: 960 },
      },
    }),
    'data.rows': ({ data, offset, count }) => {
      const total = data === mails.data ? manyRows : 960
      const length = Math.max(0, Math.min(count, total - offset))
      return {
        offset,
        total,
        rows: Array.from({ length }, (_, index) => {
          const row = offset + index
          const values = [messages[row % messages.length] ?? '', teams[row % teams.length] ?? '']
          return {
            line: row + 2,
            values: data === mails.data ? [...values, ['mail', 'chat', 'phone'][row % 3] ?? ''] : values,
          }
        }),
      }
    },
    'data.check': ({ selection }) => {
      if (selection.task.kind !== 'labels') return { ...usualCheck, task: selection.task, labels: [] }
      return selection.train === mails.data ? withoutCorrected(largeCheck, selection.rows) : usualCheck
    },
    'data.rawRow': ({ line }) => ({
      text: largeCheck.badRows.find((row) => row.line === line)?.preview ?? null,
      was: 1,
    }),
    'data.tryRow': ({ row }) => ({
      problem: /,(billing|delivery)$/.test(row.text) ? null : 'expected one of 4 labels, found another',
    }),
  }
}
