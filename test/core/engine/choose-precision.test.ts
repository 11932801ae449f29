import { expect, it } from 'vitest'
import { choosePrecision, requirePrecision } from '../../../core/engine/choose-precision.js'
import type { Device, Session } from '../../../core/runtime/device.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import { EngineError } from '../../../core/schema/engine-error.js'
import { memoryDevice } from '../../support/memory-device.js'

const cpu = openCpuDevice({ threads: 2 })
const { device: gpu, held } = memoryDevice(cpu)

/** A clock by which the runs of the first graph, that of half floats, take so long, and those of the second 10 ms. */
function clock(halfMs: number): () => number {
  let [time, reads] = [0, 0]
  return () => {
    // The first of four runs compiles, and only its beginning is looked at.
    const look = reads % 7
    if (look > 0 && look % 2 === 0) time += reads < 7 ? halfMs : 10
    reads++
    return time
  }
}

/** The same device with other sessions. */
function opening(change: (session: Session) => Session): Device {
  return { ...gpu, name: 'webgpu', open: async (graph, options) => change(await gpu.open(graph, options)) }
}

const withoutHalves = opening((session) => ({
  ...session,
  run: () => {
    const reason = 'Program Cast requires f16 but the device does not support it.'
    throw new EngineError('runtime-failed', { operation: 'run a graph' }, reason)
  },
}))

it('is float32 on a device without memory of its own, and nothing is measured there', async () => {
  const untouched: Device = { ...cpu, open: () => Promise.reject(new Error('it was opened')) }
  expect(await choosePrecision(untouched, () => 0)).toEqual({
    precision: 'float32',
    reason: { kind: 'device-has-no-memory' },
  })
})

it('is float16 where products are faster in it by a fifth, and right', async () => {
  const speeds = { floatGigaflops: expect.closeTo(214.7, 1) as number }
  expect(await choosePrecision(gpu, clock(5))).toEqual({
    precision: 'float16',
    reason: { kind: 'halves-are-faster', halfGigaflops: expect.closeTo(429.5, 1) as number, ...speeds },
  })
  expect(await choosePrecision(gpu, clock(9))).toMatchObject({
    precision: 'float32',
    reason: { kind: 'halves-are-not-faster', ...speeds },
  })
  expect(held()).toBe(0)
})

it('is float32 where shaders have no half floats', async () => {
  expect(await choosePrecision(withoutHalves, () => 0)).toEqual({
    precision: 'float32',
    reason: { kind: 'halves-missing', reason: 'this GPU has no half floats in its shaders (shader-f16)' },
  })
})

it('is float32 where products in half floats are wrong', async () => {
  let opened = 0
  const wrong = opening((session) => {
    const isHalf = opened++ === 0
    return {
      ...session,
      run: async (inputs, outputs) => {
        const results = await session.run(inputs, outputs)
        if (isHalf) outputs.y.data.fill(0 as never, 0, 4096)
        return results
      },
    }
  })
  expect(await choosePrecision(wrong, clock(1))).toMatchObject({
    precision: 'float32',
    reason: { kind: 'halves-are-wrong' },
  })
})

it('asked for by name, is refused where it is missing, and never on the processor', async () => {
  await expect(requirePrecision('float16', withoutHalves, () => 0)).rejects.toMatchObject({
    code: 'not-available',
    details: { feature: 'float16 on webgpu' },
    message: expect.stringContaining('shader-f16') as string,
  })
  await requirePrecision('float32', withoutHalves, () => 0)
  await requirePrecision('float16', cpu, () => 0)
  await requirePrecision(
    'float16',
    opening((session) => session),
    clock(1),
  )
})
