import { describe, expect, it } from 'vitest'
import { learningRateAt } from '../../../core/optimizer/schedule.js'
import type { LearningRateSchedule } from '../../../core/schema/learning-rate-schedule.js'

function rates(schedule: LearningRateSchedule, steps: number): number[] {
  return Array.from({ length: steps }, (_, step) =>
    learningRateAt({ learningRate: 2, schedule }, step, steps),
  )
}

describe('the learning rate', () => {
  it('stays where it is on a constant schedule', () => {
    expect(rates({ kind: 'constant', warmUpShare: 0 }, 3)).toEqual([2, 2, 2])
  })

  it('falls evenly on a linear schedule', () => {
    expect(rates({ kind: 'linear', warmUpShare: 0, finalShare: 0 }, 4)).toEqual([2, 1.5, 1, 0.5])
  })

  it('falls along half a cosine, to the middle of its range after half of the steps', () => {
    const cosine = rates({ kind: 'cosine', warmUpShare: 0, finalShare: 0.1 }, 100)
    expect(cosine[0]).toBe(2)
    expect(cosine[50]).toBeCloseTo(1.1, 12)
    expect(cosine[99]).toBeCloseTo(0.2, 2)
  })

  it('rises evenly to its highest first, never from zero, and decays over the steps that are left', () => {
    const schedule = { kind: 'linear', warmUpShare: 0.4, finalShare: 0 } as const
    rates(schedule, 10).forEach((rate, step) =>
      expect(rate).toBeCloseTo(step < 4 ? (step + 1) / 2 : 2 * (1 - (step - 4) / 6), 12),
    )
  })

  it('is finite for a run that is all warm-up or one step long', () => {
    expect(rates({ kind: 'cosine', warmUpShare: 1, finalShare: 0 }, 2)).toEqual([1, 2])
    expect(rates({ kind: 'cosine', warmUpShare: 0, finalShare: 0 }, 1)).toEqual([2])
  })
})
