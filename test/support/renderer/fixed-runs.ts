import type { RunDetails, RunSummary, RunVitals } from '../../../electron/ipc/runs.js'
import type { RunSettings } from '../../../electron/ipc/choices.js'

/** Pseudo-random numbers of one sequence, so that a picture is the same every time. */
function noise(index: number): number {
  const wave = Math.sin(index * 12.9898) * 43758.5453
  return wave - Math.floor(wave) - 0.5
}

const settings: RunSettings = {
  recipe: 'exact-rows',
  steps: 400,
  batchSize: 16,
  learningRate: 0.01,
  perturbationScale: null,
  firstLayer: 15,
  lastLayer: 29,
  layerCount: 30,
  hasColumns: false,
  keptStates: null,
  rank: null,
  alpha: null,
  hasZeroPoints: null,
  bits: null,
  trainsGrid: null,
  softRounding: null,
  tokenShare: null,
  linears: null,
  isRankStabilized: null,
  promptTokens: null,
  optimizer: 'adamw',
  optimizerStates: 'fp32',
  rowShare: null,
  schedule: 'linear',
  warmUpShare: 0,
  weightDecay: 0,
  clipNorm: null,
  probing: null,
  queries: null,
  directions: null,
  spectral: null,
  layerShare: null,
  stepRule: null,
  magnitudeEvery: null,
  moments: null,
  score: null,
  startRecipe: null,
  startStep: null,
  keepText: null,
  keepWeight: null,
  evaluateEvery: 25,
  patience: 8,
  features: 'cached',
  precision: 'float32',
  seed: 7,
  maximumTokens: null,
}

export const goingVitals: RunVitals = {
  activity: 'training',
  done: null,
  total: null,
  stepMs: 412,
  remainingMs: 71_000,
  residentBytes: 912e6,
  peakBytes: 1_180e6,
  budgetBytes: 4e9,
}

/** A run as the engine would describe it after `step` of its 400 steps; `falls` by how much its loss falls in the end. */
export function fixedRun({
  step = 230,
  falls = 0.42,
  summary = {},
  vitals = {},
}: {
  step?: number
  falls?: number
  summary?: Partial<RunSummary>
  vitals?: Partial<RunVitals>
} = {}): RunDetails {
  const lossAt = (index: number) => 0.69 - falls * (1 - Math.exp(-index / 110))
  let smoothed = lossAt(0)
  const steps = Array.from({ length: step }, (_, index) => {
    const loss = lossAt(index) + 0.22 * noise(index) * (1 + noise(index * 7))
    smoothed = 0.95 * smoothed + 0.05 * loss
    return {
      step: index + 1,
      loss,
      smoothedLoss: smoothed,
      noise: 0.075,
      slope: 0.9 + 0.8 * noise(index + 9),
    }
  })
  const evaluations = Array.from({ length: Math.floor(step / 25) + 1 }, (_, index) => {
    const loss = lossAt(index * 25) + 0.02 * noise(index + 3)
    const accuracy = 0.5 + (0.69 - loss) * 0.95
    return {
      step: index * 25,
      loss,
      accuracy,
      examples: 872,
      accuracyLow: accuracy - 0.033,
      accuracyHigh: accuracy + 0.031,
      isBest: false,
    }
  })
  const best = evaluations.reduce((least, point) => (point.loss < least.loss ? point : least))
  const figures = ({ loss, accuracy, examples }: typeof best) => ({ loss, accuracy, examples })
  return {
    summary: {
      runId: 'sst2-smollm2',
      name: 'SmolLM2-135M on sst2-train',
      note: '',
      state: 'running',
      createdAt: '2026-11-23T21:14:00Z',
      modelName: 'SmolLM2-135M-Instruct.Q4_1.gguf',
      dataName: 'sst2-train.csv',
      taskKind: 'labels',
      recipe: settings.recipe,
      step,
      steps: settings.steps,
      bestStep: best.step,
      before: figures(evaluations[0]),
      best: figures(best),
      endReason: null,
      lossChange: null,
      isMeasurable: null,
      folderBytes: 3_400_000,
      failure: null,
      ...summary,
    },
    settings,
    selectionNames: {
      model: 'SmolLM2-135M-Instruct.Q4_1.gguf',
      train: 'sst2-train.csv',
      dev: 'sst2-dev.csv',
    },
    trainedNumbers: 103_680,
    trainRows: 2000,
    devRows: 872,
    history: {
      steps,
      evaluations: evaluations.map((point) => ({ ...point, isBest: point === best })),
    },
    vitals: { ...goingVitals, ...vitals },
    notices: [],
    location: '~/Zerotune/runs/sst2-smollm2',
  }
}

/** The same run after its end. */
export function endedRun(summary: Partial<RunSummary> = {}): RunDetails {
  return fixedRun({
    step: 400,
    summary: {
      state: 'done',
      endReason: 'steps-done',
      lossChange: { mean: -0.391, low: -0.424, high: -0.357 },
      isMeasurable: true,
      ...summary,
    },
    vitals: { activity: 'none', remainingMs: null },
  })
}
