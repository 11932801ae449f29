import { describe, expect, it } from 'vitest'
import { fillBernoulli } from '../../../core/random/bernoulli.js'

function bits(units: number, words = 4096, seed = 1, tensor = 'w', lane = 0, first = 0): Uint32Array {
  const target = new Uint32Array(words)
  fillBernoulli(target, units, [seed, tensor, lane], first, new Uint32Array(words))
  return target
}

function ones(words: Uint32Array): number {
  let count = 0
  for (const word of words) for (let left = word; left !== 0; left &= left - 1) count++
  return count
}

describe('bits of a probability', () => {
  it.each([1, 655, 0x1000, 0x4000, 0x8000, 0xabcd, 0xffff])('are so often 1 (%i of 65536)', (units) => {
    const p = units / 65536
    const count = 32 * 4096
    expect(Math.abs(ones(bits(units)) - p * count)).toBeLessThan(3 * Math.sqrt(count * p * (1 - p)))
  })

  it('are none at 0 and all at 1', () => {
    expect(ones(bits(0))).toBe(0)
    expect(ones(bits(65536))).toBe(32 * 4096)
  })

  it('are independent of their neighbours and of another place in the word', () => {
    const words = bits(0x4000)
    const both = words.map((word) => word & (word >>> 1) & 0x7fffffff)
    const next = words.subarray(1).map((word, i) => word & words[i])
    const [within, between] = [31 * 4096, 32 * 4095]
    expect(Math.abs(ones(both) - within / 16)).toBeLessThan(3 * Math.sqrt(within / 16))
    expect(Math.abs(ones(next) - between / 16)).toBeLessThan(3 * Math.sqrt(between / 16))
  })

  it('are the same whatever part is asked for, and others for another seed, tensor or lane', () => {
    expect(bits(0x3000, 8, 1, 'w', 2, 16)).toEqual(bits(0x3000, 64, 1, 'w', 2).slice(16, 24))
    const all = [bits(3), bits(3, 4096, 2), bits(3, 4096, 1, 'v'), bits(3, 4096, 1, 'w', 1)]
    expect(new Set(all.map(String)).size).toBe(4)
  })
})
