import { describe, expect, it } from 'vitest'
import { gradientShape, type NamedGradient } from '../../bench/gradient-shape.js'
import { fillNormals } from '../../core/random/directions.js'

const numbers = 40
const examples = 400

/** A mean of 1 in the first tenth of one layer's linear, none elsewhere, and noise of a given size everywhere. */
function madeGradients(noise: number): NamedGradient[] {
  return Array.from({ length: examples }, (_, example) => {
    const made = (name: string, mean: (index: number) => number): [string, Float32Array] => {
      const normals = new Float64Array(numbers)
      fillNormals(normals, 7, name, example)
      return [name, Float32Array.from(normals, (value, index) => mean(index) + noise * value)]
    }
    return new Map([
      made('blk.0.attn_q.rows', () => 0),
      made('blk.0.ffn_down.rows', () => 0),
      made('blk.1.attn_q.rows', (index) => (index < 4 ? 1 : 0)),
    ])
  })
}

describe('the shape of a gradient', () => {
  it('finds signal to noise without taking noise for signal', () => {
    const shape = gradientShape(madeGradients(0.5))
    // ‖ḡ‖² is 4, tr Σ is 120 numbers of variance 1/4.
    expect(shape.signalToNoise).toBeGreaterThan(0.11)
    expect(shape.signalToNoise).toBeLessThan(0.16)
    expect(shape.numbers).toBe(3 * numbers)
  })

  it('says which parts hold it', () => {
    const { layers, linears, largest } = gradientShape(madeGradients(0.5))
    expect(layers.map(({ name }) => name)).toEqual(['0', '1'])
    expect(layers[1].energy).toBeGreaterThan(0.9)
    expect(layers[0].share).toBeCloseTo(2 / 3, 10)
    expect(linears.find(({ name }) => name === 'ffn_down')?.energy).toBeLessThan(0.1)
    expect(linears.reduce((sum, { energy }) => sum + energy, 0)).toBeCloseTo(1, 10)
    // A tenth is 12 numbers, among them the four.
    expect(largest[2].energy).toBeGreaterThan(0.85)
  })

  it('is exact where examples do not differ', () => {
    const { largest, layers } = gradientShape(madeGradients(0))
    expect(largest[2].energy).toBe(1)
    expect(layers.map(({ energy }) => energy)).toEqual([0, 1])
  })
})
