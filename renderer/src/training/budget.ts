/** The scale of the budget slider, in bytes. */
export interface BudgetScale {
  readonly min: number
  readonly max: number
  readonly step: number
}

const quarter = 0.25e9

/** From a quarter of a gigabyte to the largest budget, in quarters. */
export function budgetScale(largestBytes: number): BudgetScale {
  return { min: quarter, max: Math.max(quarter, Math.floor(largestBytes / quarter) * quarter), step: quarter }
}

/** The least budget of the scale that holds `neededBytes` with a tenth to spare; undefined where none does. */
export function budgetThatFits(neededBytes: number, { max, step }: BudgetScale): number | undefined {
  const wanted = Math.ceil((neededBytes * 1.1) / step) * step
  if (wanted <= max) return wanted
  return neededBytes <= max ? max : undefined
}
