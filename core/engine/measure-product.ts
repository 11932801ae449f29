import { buildProductGraph, productShape } from '../graph/product-graph.js'
import { fillPhilox } from '../random/philox.js'
import { freeTensor, type Device, type PlacedTensor } from '../runtime/device.js'
import type { Precision } from '../schema/precision.js'
import { float32Tensor } from './matrix-tensors.js'

/** How fast a device multiplies, and what comes out. */
export interface MeasuredProduct {
  /** 10⁹ operations a second in the fastest of a few runs, copies of activations included. */
  readonly gigaflops: number
  readonly product: Float32Array
}

const runCount = 3

/**
 * Multiplies activations with random quantized weights, which are copied to the device before.
 *
 * @param now milliseconds from any fixed moment
 * @throws EngineError 'device-unavailable', 'device-lost', 'runtime-failed'
 */
export async function measureProduct(
  device: Device,
  now: () => number,
  precision: Precision = 'float32',
): Promise<MeasuredProduct> {
  const { tokens, width, blockSize } = productShape
  const blocks = width / blockSize
  const shape = [1, tokens, width]
  const session = await device.open(buildProductGraph(precision), { mayFail: precision === 'float16' })
  const placed: PlacedTensor[] = []
  try {
    const codes = new Uint8Array(randomWords((width * width) / 8).buffer)
    placed.push(
      await device.upload({ type: 'uint8', data: codes, shape: [width, blocks, blockSize / 2] }),
      await device.upload(float32Tensor(new Float32Array(width * blocks).fill(0.01), [width, blocks])),
    )
    const activations = Float32Array.from(randomWords(tokens * width), (word) => word / 2 ** 31 - 1)
    const product = new Float32Array(tokens * width)
    const inputs = { x: float32Tensor(activations, shape), codes: placed[0], scales: placed[1] }
    const times: number[] = []
    // The first run compiles.
    for (let run = 0; run <= runCount; run++) {
      const before = now()
      await session.run(inputs, { y: float32Tensor(product, shape) })
      if (run > 0) times.push(now() - before)
    }
    return { gigaflops: (2 * tokens * width * width) / Math.min(...times) / 1e6, product }
  } finally {
    placed.forEach(freeTensor)
    await session.close()
  }
}

function randomWords(length: number): Uint32Array {
  const words = new Uint32Array(length)
  fillPhilox(words, [1, 2], [0, 0, 0, 0])
  return words
}
