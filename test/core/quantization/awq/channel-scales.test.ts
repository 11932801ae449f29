import { expect, it } from 'vitest'
import { channelScales, scaleExponents } from '../../../../core/quantization/awq/channel-scales.js'

it('scales channels by a power of their size, around 1', () => {
  const scales = channelScales(Float32Array.of(1, 4, 16), 0.5)
  // 1/4, 1/2 and 1 over the root of the product of least and greatest, 1/2.
  expect([...scales]).toEqual([0.5, 1, 2])
  expect([...channelScales(Float32Array.of(10, 40, 160), 0.5)]).toEqual([0.5, 1, 2])
})

it('scales nothing with the first exponent, nor where nothing was seen', () => {
  expect([...channelScales(Float32Array.of(0, 3, 5), scaleExponents[0])]).toEqual([1, 1, 1])
  expect([...channelScales(new Float32Array(3), 0.5)]).toEqual([1, 1, 1])
})

it('keeps channels that are always 0 within bounds', () => {
  const scales = channelScales(Float32Array.of(0, 1), scaleExponents[19])
  expect(scales.every((scale) => scale > 0.01 && scale < 100)).toBe(true)
  expect(scales[0] * scales[1]).toBeCloseTo(1, 6)
})
