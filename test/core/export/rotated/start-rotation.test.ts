import { describe, expect, it } from 'vitest'
import { startRotation } from '../../../../core/export/rotated/start-rotation.js'
import { distanceFromOrthogonal } from '../../../support/orthogonality.js'

describe.each([1, 7, 16, 64, 96, 576])('a rotation of %i channels to begin with', (width) => {
  const rotation = startRotation(width, 0)

  it('is orthogonal', () => {
    expect(distanceFromOrthogonal(rotation)).toBeLessThan(1e-6)
  })

  it('spreads every channel over all of them', () => {
    const largest = rotation.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    expect(largest).toBeLessThanOrEqual(Math.sqrt(2 / width) + 1e-6)
  })
})

it('is a Hadamard matrix with random signs where the width is a power of two', () => {
  const sizes = new Set(startRotation(64, 0).map((value) => Math.abs(value)))
  expect([...sizes]).toEqual([0.125])
})

it('differs from lane to lane, and is the same for equal ones', () => {
  expect(startRotation(32, 1)).not.toEqual(startRotation(32, 2))
  expect(startRotation(32, 1)).toEqual(startRotation(32, 1))
})
