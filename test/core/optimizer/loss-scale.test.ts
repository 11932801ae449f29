import { expect, it } from 'vitest'
import { LossScale } from '../../../core/optimizer/loss-scale.js'
import { joinState } from '../../../core/optimizer/state-bytes.js'
import { EngineError } from '../../../core/schema/engine-error.js'

it('is halved down to 1, and then says that it is not the cause', () => {
  const scale = new LossScale()
  const values = [scale.value]
  while (scale.lower()) values.push(scale.value)
  expect(values).toEqual(Array.from({ length: 17 }, (_, index) => 2 ** (16 - index)))
  expect(scale.value).toBe(1)
})

it('is doubled after 200 steps in a row whose gradients were finite, up to 2²⁴', () => {
  const scale = new LossScale()
  const accept = (steps: number): number => {
    for (let step = 0; step < steps; step++) scale.accept()
    return scale.value
  }
  expect(accept(199)).toBe(2 ** 16)
  scale.lower()
  expect(accept(199)).toBe(2 ** 15)
  expect(accept(1)).toBe(2 ** 16)
  expect(accept(200 * 20)).toBe(2 ** 24)
})

it('goes on from its state as without a break', () => {
  const [whole, broken] = [new LossScale(), new LossScale()]
  for (let step = 0; step < 150; step++) whole.accept()
  whole.lower()
  for (let step = 0; step < 150; step++) whole.accept()
  broken.load(joinState(whole.parts))
  for (let step = 0; step < 49; step++) for (const scale of [whole, broken]) scale.accept()
  expect([whole.value, broken.value]).toEqual([2 ** 15, 2 ** 15])
  for (const scale of [whole, broken]) scale.accept()
  expect([whole.value, broken.value]).toEqual([2 ** 16, 2 ** 16])
  expect(() => broken.load(new Uint8Array(7))).toThrow(EngineError)
})
