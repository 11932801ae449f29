import { expect, it } from 'vitest'
import { RecentRows } from '../../../core/engine/recent-rows.js'

it('keeps rows until another takes their place', () => {
  // Room for three rows of two floats.
  const rows = new RecentRows(2, 24)
  expect(rows.find(0)).toBe(null)
  rows.keep(0, Float32Array.of(1, 2))
  rows.keep(4, Float32Array.of(3, 4))
  expect(rows.find(0)).toEqual(Float32Array.of(1, 2))
  expect(rows.find(4)).toEqual(Float32Array.of(3, 4))
  rows.keep(3, Float32Array.of(5, 6))
  expect(rows.find(0)).toBe(null)
  expect(rows.find(3)).toEqual(Float32Array.of(5, 6))
  expect(rows.find(4)).toEqual(Float32Array.of(3, 4))
})

it('has a place for one row that is larger than its room', () => {
  const rows = new RecentRows(4, 1)
  rows.keep(9, Float32Array.of(1, 2, 3, 4))
  expect(rows.find(9)).toEqual(Float32Array.of(1, 2, 3, 4))
  expect(rows.find(8)).toBe(null)
})
