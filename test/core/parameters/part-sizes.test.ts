import { describe, expect, it } from 'vitest'
import { createTensorRule } from '../../../core/optimizer/create-tensor-rule.js'
import { ruleStateBytes } from '../../../core/optimizer/rule-state-bytes.js'
import { createPart } from '../../../core/parameters/create-part.js'
import { partSizes } from '../../../core/parameters/part-sizes.js'
import { linearNames } from '../../../core/model/description.js'
import type { GradientUpdate } from '../../../core/schema/gradient-update.js'
import type { TrainedPartSettings } from '../../../core/schema/trained-part.js'
import { recipeTemplates } from '../../../core/training/recipe-templates.js'
import { openTiny } from '../../support/open-tiny.js'

const layers = { firstLayer: 0, endLayer: 2 }
const masterWeights: TrainedPartSettings = {
  kind: 'master-weights',
  bits: 4,
  linears: [...linearNames],
  trainsGrid: false,
  softRounding: null,
}
const parts: readonly TrainedPartSettings[] = [
  { kind: 'factors', hasColumns: true },
  { kind: 'scales' },
  { kind: 'zero-points' },
  { kind: 'norms' },
  { kind: 'biases' },
  { kind: 'low-rank', rank: 3, alpha: 1, isRankStabilized: false, linears: ['attn_v', 'ffn_up'], seed: 1 },
  masterWeights,
  { ...masterWeights, trainsGrid: true },
]

describe.each(parts)('what a plan knows of $kind', (part) => {
  it.each(['Q4_1', 'Q4_0'] as const)('is what is made, from %s', (type) => {
    if (part.kind === 'zero-points' && type === 'Q4_0') return
    const { model } = openTiny({ type, biases: ['attn_q'] })
    const sizes = partSizes(part, model, layers).map(({ shape }) => shape)
    expect(sizes).toEqual(createPart(part, model, layers).tensors.map(({ shape }) => shape))
  })
})

describe('what a plan knows of optimizer states', () => {
  const base = recipeTemplates['exact-rows'].update
  const updates: readonly GradientUpdate[] = [
    base,
    { ...base, states: '8bit' },
    { ...base, states: 'solo' },
    { ...base, kind: 'grass', rowShare: 0.3, refreshSteps: 5 },
    { ...base, kind: 'grass', states: 'solo', rowShare: 0.3, refreshSteps: 5 },
    { ...base, kind: 'sgd', momentum: 0.9 },
    { ...base, kind: 'sgd', momentum: 0 },
  ]
  it.each(updates)('is what is made: %o', (update) => {
    for (const shape of [[7], [5001], [96, 130], [3, 5]]) {
      const { stateByteLength } = createTensorRule(update, { name: 'w', shape }, 1)
      expect(ruleStateBytes(update, shape)).toBe(stateByteLength)
    }
  })
})
