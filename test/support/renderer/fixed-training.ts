import type { Choices } from '../../../electron/ipc/choices.js'
import type { MemoryPlan, TrainingPlan } from '../../../electron/ipc/plan.js'
import type { RunDetails } from '../../../electron/ipc/runs.js'
import { deviceProblem } from '../../../core/schema/device-problems.js'
import { EngineError } from '../../../core/schema/engine-error.js'
import type { Selection } from '../../../electron/ipc/selection.js'
import { emptyDraft, type TaskDraft, taskOf } from '../../../renderer/src/wizard/task-draft.js'
import { emptyWizard, type WizardState } from '../../../renderer/src/wizard/wizard-state.js'
import type { Answers } from './fake-host.js'
import { fixedRun } from './fixed-runs.js'

const draft: TaskDraft = {
  ...emptyDraft,
  prompt: '{sentence} It was',
  labelColumn: 'label',
  labels: { '0': ' terrible', '1': ' great' },
}

/** A wizard whose first two steps are done. */
export function readyWizard(changes: Partial<WizardState> = {}): WizardState {
  const file = { source: 'file', usedAt: null } as const
  const model = {
    ...file,
    model: 'model-1',
    name: 'SmolLM2-135M-Instruct.Q4_1.gguf',
    fileBytes: 98_362_432,
    location: '~/models/SmolLM2-135M-Instruct.Q4_1.gguf',
  }
  const train = {
    ...file,
    data: 'data-1',
    name: 'sst2-train.csv',
    fileBytes: 224_000,
    location: '~/data/sst2-train.csv',
  }
  const dev = {
    ...file,
    data: 'data-2',
    name: 'sst2-dev.csv',
    fileBytes: 98_000,
    location: '~/data/sst2-dev.csv',
  }
  const selection: Omit<Selection, 'task'> & { readonly task: Selection['task'] | null } = {
    model: model.model,
    train: train.data,
    dev: dev.data,
    task: taskOf(draft),
    leaveOutBadRows: false,
    maximumTokens: null,
    rows: emptyWizard.rows,
  }
  return {
    ...emptyWizard,
    model: { entry: model, canTrain: true },
    train,
    dev,
    draft,
    checkedSelection: JSON.stringify(selection),
    ...changes,
  }
}

/** The wizard while, or after, it has its run. */
export function runWizard(run: RunDetails, isDone: boolean): WizardState {
  return readyWizard({ run: { runId: run.summary.runId, name: run.summary.name, isDone } })
}

const exactNeeds = 1_240e6

function memoryOf(choices: Choices, isExact: boolean): MemoryPlan {
  const perRow = 11e6 * (choices.batchSize ?? 16)
  const items = [
    { name: 'program' as const, bytes: 182e6 },
    { name: 'weights' as const, bytes: 79e6 },
    { name: 'embedding' as const, bytes: 31e6 },
    { name: 'trained-numbers' as const, bytes: isExact ? 12e6 : 2e6 },
    { name: 'kept-states' as const, bytes: isExact ? 2.4 * perRow : 0 },
    { name: 'activations' as const, bytes: (isExact ? 1.6 : 0.7) * perRow },
    { name: 'head' as const, bytes: 57e6 },
    { name: 'rows' as const, bytes: 6e6 },
  ].map(({ name, bytes }) => ({ name, bytes: Math.round(bytes) }))
  const totalBytes = items.reduce((sum, { bytes }) => sum + bytes, 0)
  const share = totalBytes / choices.budgetBytes
  return {
    items,
    totalBytes,
    budgetBytes: choices.budgetBytes,
    verdict: share > 1 ? 'exceeds' : share > 0.75 ? 'tight' : 'fits',
  }
}

function planOf(choices: Choices, isMeasured: boolean): TrainingPlan {
  const isExact =
    choices.recipe === 'auto' ? choices.budgetBytes >= exactNeeds : choices.recipe.startsWith('exact')
  const recipe = choices.recipe === 'auto' ? (isExact ? 'exact-rows' : 'qzo-rows') : choices.recipe
  const stepMs = isExact ? 410 : 160
  const presets = (['quick', 'balanced', 'careful'] as const).map((preset, index) => {
    const steps = (isExact ? [100, 400, 1200] : [1000, 4000, 12000])[index] ?? 0
    return {
      preset,
      recipe,
      steps,
      passesOverRows: (steps * 16) / 2000,
      time: isMeasured ? { stepMs, totalMs: steps * stepMs * 1.2, isMeasured } : null,
    }
  })
  const chosen = presets.find(({ preset }) => preset === choices.preset)
  return {
    settings: {
      recipe,
      steps: choices.steps ?? chosen?.steps ?? 0,
      batchSize: choices.batchSize ?? 16,
      learningRate: choices.learningRate ?? 0.01,
      perturbationScale: isExact ? null : (choices.perturbationScale ?? 0.03),
      firstLayer: choices.layers === null || choices.layers === 'auto' ? 15 : choices.layers.first,
      lastLayer: choices.layers === null || choices.layers === 'auto' ? 29 : choices.layers.last,
      layerCount: 30,
      hasColumns: choices.hasColumns ?? false,
      evaluateEvery: choices.evaluateEvery ?? 25,
      patience: choices.patience ?? 8,
      features: choices.features ?? 'cached',
      precision: choices.precision ?? 'float32',
      seed: choices.seed ?? 0,
      maximumTokens: null,
      keptStates: null,
      rank: null,
      alpha: null,
      hasZeroPoints: null,
      bits: null,
      trainsGrid: null,
      softRounding: null,
      tokenShare: null,
      linears: recipe === 'exact-lora' ? (choices.linears ?? ['attn_q', 'attn_v']).join(', ') : null,
      isRankStabilized: null,
      promptTokens: null,
      optimizer: isExact ? 'adamw' : null,
      optimizerStates: isExact ? 'fp32' : null,
      rowShare: null,
      schedule: isExact ? 'linear' : null,
      warmUpShare: isExact ? 0 : null,
      weightDecay: isExact ? 0 : null,
      clipNorm: null,
      probing: isExact ? null : (choices.probing ?? 'two-point'),
      queries: isExact ? null : (choices.queries ?? 1),
      directions: null,
      spectral: null,
      layerShare: isExact ? null : (choices.layerShare ?? 1),
      stepRule: isExact ? null : (choices.stepRule ?? 'normalized'),
      magnitudeEvery: null,
      moments: isExact ? null : (choices.moments ?? 'none'),
      score: null,
      startRecipe: null,
      startStep: null,
      keepText: null,
      keepWeight: null,
    },
    reason:
      choices.recipe !== 'auto'
        ? { code: 'chosen' }
        : isExact
          ? { code: 'exact-fits', neededBytes: exactNeeds }
          : {
              code: 'exact-exceeds-budget',
              neededBytes: exactNeeds,
              budgetBytes: choices.budgetBytes,
            },
    trainedNumbers: 103_680,
    trainRows: 2000,
    devRows: 872,
    memory: memoryOf(choices, isExact),
    time: chosen?.time ?? null,
    presets,
    notices: [],
  }
}

/** Answers about planning and one run, which changes its state as it is told. */
export function fixedTrainingAnswers(first: RunDetails | null = null): Answers {
  let run = first
  let isMeasured = false
  const known = (runId: string): RunDetails => {
    if (run?.summary.runId === runId) return run
    throw new EngineError('unknown-item', { what: 'run' }, `there is no run ${runId}`)
  }
  const become = (runId: string, state: RunDetails['summary']['state']): RunDetails => {
    const before = known(runId)
    run = { ...before, summary: { ...before.summary, state } }
    return run
  }
  return {
    'device.describe': () => ({
      name: 'AMD Ryzen 7 7840U',
      threads: 8,
      coreCount: 8,
      memoryBytes: 32e9,
      freeBytes: 21.4e9,
      defaultBudgetBytes: 4e9,
      largestBudgetBytes: 24e9,
    }),
    'run.list': () => ({ runs: [] }),
    'data.list': () => ({ files: [] }),
    'device.list': () => ({
      chosen: 'cpu',
      devices: [
        { name: 'cpu', adapter: 'AMD Ryzen 7 7840U', reason: null, isSoftware: false },
        {
          name: 'webgpu',
          adapter: null,
          reason: deviceProblem('vulkan-missing', { name: 'libvulkan.so.1' }),
          isSoftware: false,
        },
      ],
    }),
    'plan.make': ({ choices }) => planOf(choices, isMeasured),
    'plan.dryRun': ({ choices }) => {
      isMeasured = true
      return {
        stepMs: 412,
        longestStepMs: 655,
        featuresMs: 0,
        evaluationMs: 8_400,
        totalMs: 305_000,
        peakBytes: 1_173e6,
        longestTokens: 66,
        memory: planOf(choices, true).memory,
      }
    },
    'run.start': ({ name }) => {
      run = fixedRun({ step: 0, summary: { state: 'preparing', ...(name === null ? {} : { name }) } })
      return run.summary
    },
    'run.current': () => ({ run }),
    'run.get': ({ runId }) => known(runId),
    'run.pause': ({ runId }) => {
      become(runId, 'paused')
      return null
    },
    'run.unpause': ({ runId }) => {
      become(runId, 'running')
      return null
    },
    'run.stop': ({ runId }) => become(runId, 'stopped').summary,
    'run.resume': ({ runId }) => become(runId, 'running').summary,
    'run.discard': () => {
      run = null
      return null
    },
  }
}
