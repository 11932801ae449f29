import { describe, expect, it } from 'vitest'
import { recipeTemplates } from '../../../core/training/recipe-templates.js'
import { refuseGradientChoices, resolveUpdate } from '../../../core/training/resolve-update.js'
import { caughtError } from '../../support/caught-error.js'

const base = recipeTemplates['exact-rows'].update

describe('choosing how exact gradients become a step', () => {
  it("is the recipe's own where nothing is chosen", () => {
    expect(resolveUpdate(base, {})).toEqual(base)
  })

  it('takes states, schedule, clipping and decay one by one', () => {
    const choices = { optimizerStates: '8bit', schedule: 'cosine', warmUpShare: 0.1 } as const
    expect(resolveUpdate(base, { ...choices, clipNorm: 1, weightDecay: 0.01 })).toEqual({
      ...base,
      states: '8bit',
      schedule: { kind: 'cosine', warmUpShare: 0.1, finalShare: 0 },
      clipNorm: 1,
      weightDecay: 0.01,
    })
    expect(resolveUpdate(base, { schedule: 'constant' }).schedule).toEqual({
      kind: 'constant',
      warmUpShare: 0,
    })
  })

  it('takes other optimizers, with what only they have', () => {
    expect(resolveUpdate(base, { optimizer: 'grass', rowShare: 0.5 })).toMatchObject({
      kind: 'grass',
      rowShare: 0.5,
      learningRate: base.learningRate,
    })
    expect(resolveUpdate(base, { optimizer: 'lion', optimizerStates: '8bit' })).toMatchObject({
      kind: 'lion',
      states: '8bit',
      learningRate: 0.3 * base.learningRate,
    })
    expect(resolveUpdate(base, { optimizer: 'lion', learningRate: 0.5 }).learningRate).toBe(0.5)
    const { learningRate, schedule, weightDecay, clipNorm } = { ...base, learningRate: 0.5 }
    expect(resolveUpdate(base, { optimizer: 'sgd', learningRate })).toEqual({
      ...{ kind: 'sgd', momentum: 0.9, learningRate },
      ...{ schedule, weightDecay, clipNorm },
    })
  })

  it.each([
    [{ optimizer: 'sgd' }, 'needs a learning rate of its own'],
    [{ optimizer: 'sgd', learningRate: 1, optimizerStates: 'solo' }, 'no other states to choose'],
    [{ rowShare: 0.5 }, "only 'grass' moves some rows at a time"],
  ] as const)('refuses %o', (choices, message) => {
    expect(caughtError(() => resolveUpdate(base, choices))).toMatchObject({ code: 'request-invalid' })
    expect(caughtError(() => resolveUpdate(base, choices)).message).toContain(message)
  })

  it('refuses all of it for recipes without gradients, but a learning rate', () => {
    expect(() => refuseGradientChoices('qzo', { learningRate: 1 })).not.toThrow()
    expect(caughtError(() => refuseGradientChoices('qzo', { clipNorm: 1 })).message).toContain(
      "begin with 'exact'",
    )
  })
})
