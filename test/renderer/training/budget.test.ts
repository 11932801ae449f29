import { describe, expect, it } from 'vitest'
import { budgetScale, budgetThatFits } from '../../../renderer/src/training/budget.js'

describe('the budget slider', () => {
  it('goes in quarters of a gigabyte up to the largest budget, and has a range on the smallest machine', () => {
    expect(budgetScale(24.1e9)).toEqual({ min: 0.25e9, max: 24e9, step: 0.25e9 })
    expect(budgetScale(1e8)).toEqual({ min: 0.25e9, max: 0.25e9, step: 0.25e9 })
  })

  it('offers a budget that holds a plan with room to spare, where the scale has one', () => {
    const scale = budgetScale(4e9)
    expect(budgetThatFits(1e9, scale)).toBe(1.25e9)
    expect(budgetThatFits(3.9e9, scale)).toBe(4e9)
    expect(budgetThatFits(5e9, scale)).toBeUndefined()
  })
})
