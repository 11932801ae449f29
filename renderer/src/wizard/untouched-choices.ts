import type { Choices } from '../../../electron/ipc/plan.js'

/** The settings of training as long as nobody touches them: the preset and the recipe decide. */
export const untouchedChoices = {
  recipe: 'auto',
  steps: null,
  batchSize: null,
  learningRate: null,
  perturbationScale: null,
  layers: null,
  hasColumns: null,
  evaluateEvery: null,
  patience: null,
  features: null,
  seed: null,
  keptStates: null,
  rank: null,
  alpha: null,
  hasZeroPoints: null,
  bits: null,
  trainsGrid: null,
  startRunId: null,
  keepBase: null,
} as const satisfies Omit<Choices, 'preset' | 'budgetBytes'>
