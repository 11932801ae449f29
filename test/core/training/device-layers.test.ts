import { describe, expect, it } from 'vitest'
import { processorLayersOf } from '../../../core/training/device-layers.js'
import { caughtError } from '../../support/caught-error.js'

/** Ten layers of 100 bytes, and 50 beside them. */
const bytesWith = (processorLayers: number): number => 50 + 100 * (10 - processorLayers)

describe('layers that a device leaves to the processor', () => {
  it.each([
    [1050, 0],
    [1049, 1],
    [450, 6],
    [150, 9],
  ])('are as few as may be with %i bytes', (deviceMemoryBytes, expected) => {
    expect(processorLayersOf({ deviceMemoryBytes }, 'webgpu', 10, bytesWith)).toBe(expected)
  })

  it('are those that are not named, and none where nothing is said', () => {
    expect(processorLayersOf({ deviceLayers: 4 }, 'cuda', 10, bytesWith)).toBe(6)
    expect(processorLayersOf({ deviceLayers: 99 }, 'webgpu', 10, bytesWith)).toBe(0)
    expect(processorLayersOf({}, 'cpu', 10, bytesWith)).toBe(0)
  })

  it('are refused where the device holds not even the last one', () => {
    const error = caughtError(() => processorLayersOf({ deviceMemoryBytes: 149 }, 'webgpu', 10, bytesWith))
    expect(error).toMatchObject({
      code: 'memory-budget-exceeded',
      details: { requiredBytes: 150, availableBytes: 149 },
    })
  })

  it.each([
    [{ deviceLayers: 4 }, 'cpu', 'choose one with --device'],
    [{ deviceMemoryBytes: 1e9 }, 'cpu', 'choose one with --device'],
    [{ deviceMemoryBytes: 1e9 }, 'cuda', 'keeps none'],
    [{ deviceMemoryBytes: 1e9, deviceLayers: 4 }, 'webgpu', 'not both'],
  ] as const)('are refused with %o on %s', (choices, device, words) => {
    expect(caughtError(() => processorLayersOf(choices, device, 10, bytesWith)).message).toContain(words)
  })
})
