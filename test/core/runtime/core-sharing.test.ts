import { describe, expect, it } from 'vitest'
import { watchCoreSharing } from '../../../core/runtime/core-sharing.js'

/** A machine that gives a share of its cores to each piece of computing. */
function machineOf(threads: number) {
  let [wall, processor] = [0, 0]
  const sharing = watchCoreSharing(threads, { wall: () => wall, processor: () => processor })
  return {
    sharing,
    compute: (ms: number, share: number) =>
      sharing.watch(() => {
        wall += ms
        processor += ms * share * threads
        return Promise.resolve()
      }),
    /** Time in which this process did nothing, or something else. */
    pass: (ms: number) => void (wall += ms),
  }
}

describe('sharing of cores', () => {
  it('spins while it gets them, sleeps once it does not, and tries again after a while', async () => {
    const { sharing, compute } = machineOf(2)
    for (let piece = 0; piece < 100; piece++) await compute(100, 0.95)
    expect(sharing.yields).toBe(false)

    await compute(600, 0.5)
    expect(sharing.yields).toBe(false)
    await compute(600, 0.5)
    expect(sharing.yields).toBe(true)

    // Sleeping threads use less than their cores: that is no sign of others.
    for (let piece = 0; piece < 29; piece++) await compute(1000, 0.6)
    expect(sharing.yields).toBe(true)
    await compute(1000, 0.6)
    expect(sharing.yields).toBe(false)

    await compute(1000, 0.5)
    expect(sharing.yields).toBe(true)
  })

  it('counts computing only, not the time between', async () => {
    const { sharing, compute, pass } = machineOf(4)
    for (let piece = 0; piece < 20; piece++) {
      await compute(200, 0.9)
      pass(10_000)
    }
    expect(sharing.yields).toBe(false)
  })

  it('counts computing that fails', async () => {
    const { sharing, pass } = machineOf(1)
    const failing = sharing.watch(() => {
      pass(2000)
      return Promise.reject(new Error('lost'))
    })
    await expect(failing).rejects.toThrow('lost')
    expect(sharing.yields).toBe(true)
  })
})
