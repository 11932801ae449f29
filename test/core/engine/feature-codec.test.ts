import { describe, expect, it } from 'vitest'
import { featureBytes, featureCodec } from '../../../core/engine/feature-codec.js'
import { randomNumbers } from '../../support/random-numbers.js'

/** Rows of 64 numbers, one of them much larger, as in hidden states. */
function states(count: number): Float32Array {
  const random = randomNumbers(4)
  return Float32Array.from({ length: count }, (_, i) => random.symmetric() * (i % 64 === 5 ? 300 : 1))
}

describe('the numbers of a feature cache', () => {
  it.each([
    ['float32', 256, 0],
    ['int16', 136, 0.5 / 32_767],
    ['int8', 72, 0.5 / 127],
    ['int4', 40, 0.5 / 7],
  ] as const)('in %s take %i bytes a row and keep half a step of their group', (format, bytes, limit) => {
    const values = states(4 * 64)
    const codec = featureCodec(format)
    const kept = codec.encode(values).slice()
    expect(kept.length).toBe(4 * bytes)
    expect(featureBytes(format, values.length)).toBe(kept.length)
    const found = new Float32Array(values.length)
    codec.decode(found, (target) => target.set(kept))
    for (let group = 0; group < values.length; group += 32) {
      const [before, after] = [values.subarray(group, group + 32), found.subarray(group, group + 32)]
      const largest = Math.max(...before.map(Math.abs))
      const error = Math.max(...before.map((value, i) => Math.abs(value - after[i])))
      expect(error).toBeLessThanOrEqual(limit * largest * (1 + 1e-5))
      if (limit > 0) expect(error).toBeGreaterThan(0)
    }
  })

  it('are those of the row that is asked for, whatever was longest before', () => {
    const codec = featureCodec('int4')
    const [long, short] = [states(640), states(64).map((value) => -value)]
    const keptLong = codec.encode(long).slice()
    const keptShort = codec.encode(short).slice()
    const found = new Float32Array(64)
    codec.decode(found, (target) => target.set(keptShort))
    const first = found.slice()
    codec.decode(new Float32Array(640), (target) => target.set(keptLong))
    codec.decode(found, (target) => target.set(keptShort))
    expect(found).toEqual(first)
    expect(featureCodec('int4').encode(found)).toEqual(keptShort)
  })
})
