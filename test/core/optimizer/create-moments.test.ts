import { describe, expect, it } from 'vitest'
import { meanMoment, squareMoment } from '../../../core/optimizer/create-moments.js'
import { momentChunk, type Moment } from '../../../core/optimizer/moment.js'
import { joinState, stateByteLength } from '../../../core/optimizer/state-bytes.js'
import { fillNormals } from '../../../core/random/directions.js'
import type { MomentStates } from '../../../core/schema/gradient-update.js'

const length = 4096
const draws = { seed: 3, tensor: 'w' }
const gradient = normals(length)
const squares = gradient.map((g) => g * g)

describe('states of fewer bits', () => {
  it.each([
    ['fp32', 8, 8],
    ['8bit', 2 + 8 / 256, 8],
    ['solo', 0.75 + 12 / 128, 8],
  ] as const)(
    'take their bytes an element in %s, and fp32 where a tensor is small',
    (states, bytes, smallBytes) => {
      expect(byteLength(states, length) / length).toBe(bytes)
      expect(byteLength(states, 4095) / 4095).toBe(smallBytes)
    },
  )

  // Relative root mean square errors of normal gradients and of their squares, measured; a change of code shows here.
  it.each([
    ['8bit', 0.011, 0.007],
    ['solo', 0.149, 1.01],
  ] as const)('err by what is expected of them in %s', (states, ofMean, ofSquare) => {
    expect(error(through(meanMoment(states, length), gradient, 0), gradient)).toBeCloseTo(ofMean, 2)
    expect(error(through(squareMoment(states, length, draws), squares, 0), squares)).toBeCloseTo(ofSquare, 1)
  })

  it.each(['fp32', '8bit', 'solo'] as const)('keep zeros, and scale with what they hold, in %s', (states) => {
    for (const moment of [meanMoment(states, length), squareMoment(states, length, draws)]) {
      expect(Math.max(...through(moment, new Float32Array(length), 0).map(Math.abs))).toBe(0)
    }
    const scaled = through(
      meanMoment(states, length),
      gradient.map((g) => g * 2 ** -40),
      0,
    )
    expect(scaled.map((g) => g * 2 ** 40)).toEqual(through(meanMoment(states, length), gradient, 0))
  })

  it('follow a slow rise in two bits, where rounding to the nearest would stand still', () => {
    const moment = squareMoment('solo', length, draws)
    let held = through(moment, squares, 0)
    // Each step raises a value by a thousandth: a hundredth of what lies between two codes.
    const steps = 500
    for (let step = 1; step <= steps; step++)
      held = through(
        moment,
        held.map((value) => value * 1.001),
        step,
      )
    const rises = held.map((value, i) => Math.log(value / squares[i])).filter((_, i) => squares[i] > 0.1)
    const mean = rises.reduce((sum, rise) => sum + rise, 0) / rises.length
    expect(mean).toBeCloseTo(steps * Math.log(1.001), 0)
  })

  it('draw by seed, tensor and step', () => {
    const states = [
      [draws, 0],
      [{ ...draws, seed: 4 }, 0],
      [{ ...draws, tensor: 'v' }, 0],
      [draws, 1],
    ] as const
    const saved = states.map(([each, step]) => {
      const moment = squareMoment('solo', length, each)
      through(moment, squares, step)
      return String(joinState(moment.parts))
    })
    expect(new Set(saved).size).toBe(4)
  })
})

/** What a moment holds after it was given values. */
function through(moment: Moment, source: Float32Array, step: number): Float32Array {
  const held = new Float32Array(source.length)
  for (let start = 0; start < source.length; start += momentChunk) {
    const count = Math.min(momentChunk, source.length - start)
    moment.read(start, count).set(source.subarray(start, start + count))
    moment.write(step)
    held.set(moment.read(start, count).subarray(0, count), start)
  }
  return held
}

function error(found: Float32Array, expected: Float32Array): number {
  const squared = found.reduce((sum, value, i) => sum + (value - expected[i]) ** 2, 0)
  return Math.sqrt(squared / expected.reduce((sum, value) => sum + value * value, 0))
}

function byteLength(states: MomentStates, count: number): number {
  return stateByteLength([...meanMoment(states, count).parts, ...squareMoment(states, count, draws).parts])
}

function normals(count: number): Float32Array {
  const values = new Float64Array(count)
  fillNormals(values, 1, 'gradient')
  return Float32Array.from(values)
}
