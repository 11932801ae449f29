import { describe, expect, it } from 'vitest'
import { asksForProbes, refuseProbeChoices, resolveProbes } from '../../../core/training/resolve-probes.js'
import { recipeTemplates } from '../../../core/training/recipe-templates.js'
import { usualMagnitudes } from '../../../core/schema/layer-magnitudes.js'
import { caughtError } from '../../support/caught-error.js'

const { qzo, fzoo } = recipeTemplates

describe('choosing how forward passes become a step', () => {
  it("is the recipe's own where nothing is chosen", () => {
    for (const template of [qzo, fzoo, recipeTemplates['qzo-rows'], recipeTemplates['qzo-paper']]) {
      const { perturbationScale, probing, directions, layerShare, update, moments, magnitudes, spectral } =
        template
      expect(resolveProbes(template, {})).toEqual({
        ...{ perturbationScale, probing, directions, layerShare, update, moments, magnitudes, spectral },
      })
    }
  })

  it('takes queries, shares, schedules and sizes one by one', () => {
    const choices = { queries: 4, layerShare: 0.5, schedule: 'cosine', learningRate: 0.02 } as const
    expect(resolveProbes(qzo, { ...choices, perturbationScale: 0.01 })).toEqual({
      perturbationScale: 0.01,
      magnitudes: null,
      probing: { kind: 'two-point', queries: 4 },
      directions: { kind: 'independent' },
      layerShare: 0.5,
      update: {
        ...qzo.update,
        learningRate: 0.02,
        schedule: { kind: 'cosine', warmUpShare: 0, finalShare: 0.1 },
      },
      moments: null,
      spectral: null,
    })
  })

  it('searches magnitudes as often as asked, in any recipe by probes, or never', () => {
    const { magnitudes } = recipeTemplates.dizo
    expect(magnitudes).toEqual(usualMagnitudes)
    expect(resolveProbes(qzo, { magnitudeEvery: 7 }).magnitudes).toEqual({ ...usualMagnitudes, interval: 7 })
    expect(resolveProbes(recipeTemplates.dizo, { magnitudeEvery: 0 }).magnitudes).toBeNull()
  })

  it('takes another way of probing and another step with what only they have', () => {
    expect(resolveProbes(qzo, { probing: 'one-sided' }).probing).toEqual({
      ...{ kind: 'one-sided', queries: 8, baseline: 'others' },
    })
    const { update } = resolveProbes(qzo, { stepRule: 'sign', learningRate: 0.001 })
    expect(update).toEqual({ kind: 'sign', learningRate: 0.001, schedule: qzo.update.schedule })
  })

  it('takes other directions, with the settings that recipes have', () => {
    expect(resolveProbes(qzo, { directions: 'pool' }).directions).toEqual(recipeTemplates.pezo.directions)
    const settings = { directions: 'low-rank', directionRank: 4 } as const
    expect(resolveProbes(qzo, settings).directions).toEqual({ kind: 'low-rank', rank: 4, interval: 50 })
    expect(resolveProbes(recipeTemplates.lozo, { basisSteps: 7 }).directions).toMatchObject({ interval: 7 })
    expect(resolveProbes(recipeTemplates.pezo, { directions: 'independent' }).directions).toEqual({
      kind: 'independent',
    })
  })

  it('evens steps out over singular directions, or leaves them as they are', () => {
    const { spectral } = recipeTemplates['zo-muon']
    expect(resolveProbes(qzo, { spectral: 'newton-schulz' }).spectral).toEqual(spectral)
    expect(resolveProbes(recipeTemplates['zo-muon'], { spectral: 'none' }).spectral).toBeNull()
  })

  it('takes running means, in the form that is chosen, and leaves them out', () => {
    const adam = { kind: 'adam', betas: [0.9, 0.999], epsilon: 1e-8 }
    expect(resolveProbes(qzo, { moments: 'adam', optimizerStates: 'solo' }).moments).toEqual({
      ...adam,
      states: 'solo',
    })
    const withAdam = recipeTemplates['qzo-rows-adam']
    expect(resolveProbes(withAdam, { optimizerStates: '8bit' }).moments).toEqual({ ...adam, states: '8bit' })
    expect(resolveProbes(withAdam, { moments: 'none' }).moments).toBeNull()
  })

  it.each([
    [recipeTemplates['qzo-rows'], { queries: 2 }, 'a direction of its own'],
    [recipeTemplates['qzo-rows'], { probing: 'one-sided' }, 'a direction of its own'],
    [recipeTemplates['qzo-rows'], { directions: 'pool' }, 'by itself'],
    [recipeTemplates['qzo-paper'], { directions: 'pool' }, 'by itself'],
    [qzo, { directionRank: 2 }, 'low-rank directions'],
    [recipeTemplates.pezo, { basisSteps: 2 }, 'low-rank directions'],
    [recipeTemplates['qzo-rows'], { spectral: 'newton-schulz' }, 'no matrices'],
    [qzo, { stepRule: 'sign' }, 'needs a learning rate of its own'],
    [qzo, { stepRule: 'spread', learningRate: 1 }, 'two queries at least'],
    [fzoo, { queries: 1 }, 'two queries at least'],
    [recipeTemplates.lezo, { moments: 'momentum' }, 'a share of the layers'],
    [qzo, { optimizerStates: '8bit' }, 'steps of its own'],
    [recipeTemplates.quzo, { moments: 'momentum' }, 'whole numbers'],
    [recipeTemplates.qes, { magnitudeEvery: 10 }, 'whole numbers'],
    [recipeTemplates.qes, { probing: 'kernel' }, 'whole numbers'],
    [recipeTemplates.qes, { perturbationScale: 1.5 }, 'at most 1'],
  ] as const)('refuses what does not go together', (template, choices, message) => {
    const error = caughtError(() => resolveProbes(template, choices))
    expect(error.code).toBe('request-invalid')
    expect(error.message).toContain(message)
  })

  it('is refused where there are exact gradients', () => {
    expect(asksForProbes({})).toBe(false)
    expect(() => refuseProbeChoices('exact-rows', {})).not.toThrow()
    expect(caughtError(() => refuseProbeChoices('exact-rows', { queries: 2 })).message).toContain('queries')
    expect(caughtError(() => refuseProbeChoices('exact-rows', { perturbationScale: 1 })).message).toContain(
      'no probe to set the size of',
    )
  })
})
