import type { Answers } from './fake-host.js'
import type { ExportRecord } from '../../../electron/ipc/exports.js'
import { EngineError } from '../../../core/schema/engine-error.js'
import type { RunDetails, RunSummary } from '../../../electron/ipc/runs.js'
import { endedRun, fixedRun } from './fixed-runs.js'

const location = '~/Zerotune/exports/SmolLM2-135M-sst2/SmolLM2-135M-sst2.Q4_1.gguf'

export const fixedExport: ExportRecord = {
  exportId: 'export-1',
  runId: 'sst2-smollm2',
  step: 375,
  format: 'gguf',
  name: 'SmolLM2-135M-sst2',
  location,
  writtenBytes: 98_362_432,
  writtenAt: '2026-11-23T22:02:00Z',
  checks: [
    { check: 'read-back', passed: true, finding: { code: 'tensors-changed', tensorCount: 272 } },
    {
      check: 'same-losses',
      passed: true,
      finding: { code: 'losses', rowCount: 64, trained: 0.4213, exported: 0.4217 },
    },
    { check: 'generates', passed: true, finding: { code: 'tokens-written', tokenCount: 2 } },
    { check: 'stops', passed: true, finding: { code: 'ended', tokenCount: 2 } },
    {
      check: 'imported',
      passed: null,
      finding: { code: 'ollama-missing', command: 'ollama create reviews' },
    },
  ],
  proof: { prompt: 'it ’s a charming and often affecting journey . It was', text: ' great', tokenCount: 2 },
}

/** Answers about the exports of one run. `fails` makes writing fail while it reads back. */
export function fixedExportAnswers({ fails = false }: { fails?: boolean } = {}): Answers {
  let records: ExportRecord[] = []
  const option = { isAvailable: true, obstacle: null, freeBytes: 212e9, importsAtOnce: false }
  return {
    'export.options': ({ folder }) => ({
      suggestedName: 'SmolLM2-135M-sst2',
      options: [
        { ...option, format: 'gguf', neededBytes: 98_400_000, location: folder ?? '~/Zerotune/exports' },
        { ...option, format: 'onnx', neededBytes: 145_000_000, location: '~/Zerotune/exports' },
        { ...option, format: 'adapter', neededBytes: 420_000, location: '~/Zerotune/exports' },
        {
          ...option,
          format: 'ollama',
          isAvailable: false,
          obstacle: 'not-installed',
          neededBytes: 98_400_000,
          location: '~/.ollama',
        },
        { ...option, format: 'lm-studio', neededBytes: 98_400_000, location: '~/.lmstudio/models' },
      ],
    }),
    'export.types': () => ({
      types: [
        { type: 'q4_0', neededBytes: 91_700_000 },
        { type: 'q8_0', neededBytes: 145_000_000 },
      ],
    }),
    'export.write': ({ name, format }) => {
      if (fails) {
        throw new EngineError(
          'export-mismatch',
          { path: location, where: 'blk.3.attn_q.weight' },
          'blk.3.attn_q.weight differs in 12 of 165,888 values',
        )
      }
      const record = { ...fixedExport, name, format }
      records = [record, ...records]
      return record
    },
    'export.list': () => ({ exports: records }),
    'export.card': () => ({
      text: '# SmolLM2-135M-sst2\n\nBase: SmolLM2-135M-Instruct.Q4_1.gguf\n<script>alert(1)</script>\n',
    }),
    'folder.open': ({ path }) => ({ folder: 'folder-1', location: path }),
  }
}

/** Three runs of different ends. */
export const fixedRunList: readonly RunDetails[] = [
  endedRun(),
  fixedRun({
    step: 400,
    falls: 0.21,
    summary: {
      runId: 'sst2-forward',
      name: 'Forward passes only',
      note: 'Same rows and seed as the exact one.',
      state: 'stopped',
      endReason: 'stopped',
      recipe: 'qzo-rows',
      createdAt: '2026-11-22T18:20:00Z',
      lossChange: { mean: -0.18, low: -0.22, high: -0.14 },
      isMeasurable: true,
    },
  }),
  fixedRun({
    step: 60,
    falls: 0.02,
    summary: {
      runId: 'mails',
      name: 'Support mails, first try',
      state: 'interrupted',
      dataName: 'support-mails-2026.csv',
      createdAt: '2026-11-20T09:01:00Z',
    },
  }),
]

/** Answers about a list of runs that can be named, noted, thrown away and taken back. */
export function fixedRunListAnswers(first = fixedRunList): Answers {
  let runs = [...first]
  const trash = new Map<string, RunDetails>()
  function change(runId: string, changes: Partial<RunSummary>): RunSummary {
    runs = runs.map((run) =>
      run.summary.runId === runId ? { ...run, summary: { ...run.summary, ...changes } } : run,
    )
    return find(runId).summary
  }
  function find(runId: string): RunDetails {
    const run = runs.find(({ summary }) => summary.runId === runId)
    if (run === undefined) throw new EngineError('unknown-item', { what: 'run' }, `there is no run ${runId}`)
    return run
  }
  return {
    'run.list': () => ({ runs: runs.map(({ summary }) => summary) }),
    'run.get': ({ runId }) => find(runId),
    'run.rename': ({ runId, name }) => change(runId, { name }),
    'run.note': ({ runId, note }) => change(runId, { note }),
    'run.delete': ({ runId }) => {
      trash.set(runId, find(runId))
      runs = runs.filter(({ summary }) => summary.runId !== runId)
      return null
    },
    'run.restore': ({ runId }) => {
      const run = trash.get(runId)
      if (run !== undefined) runs = [...runs, run]
      return find(runId).summary
    },
    'run.compare': ({ runIds }) => ({
      runs: runIds.map((runId) => {
        const { summary, settings, history } = find(runId)
        return { summary, settings, history }
      }),
      differences: [
        { setting: 'recipe', values: runIds.map((runId) => find(runId).summary.recipe) },
        { setting: 'learningRate', values: runIds.map((_, index) => 0.01 / (index + 1)) },
        { setting: 'hasColumns', values: runIds.map((_, index) => index === 1) },
      ],
    }),
  }
}

/** Answers about the program itself. */
export const fixedAboutAnswers: Answers = {
  'about.describe': () => ({
    program: 'Zerotune 0.1.0',
    versions: [
      { name: 'Zerotune', version: '0.1.0' },
      { name: 'Node.js', version: '24.4.0' },
      { name: 'onnxruntime-node', version: '1.30.0' },
    ],
    licences: [
      { name: 'onnxruntime-node', version: '1.30.0', licence: 'MIT' },
      { name: 'zod', version: '4.6.7', licence: 'MIT' },
      { name: 'vue', version: '3.5.45', licence: 'MIT' },
      { name: 'echarts', version: '6.1.0', licence: 'Apache-2.0' },
    ],
  }),
  'about.diagnostics': () => ({ text: 'Zerotune 0.1.0\nlinux x64, 8 cores, 32.0 GB\nengine: ready\n' }),
}
