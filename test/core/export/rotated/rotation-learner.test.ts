import { describe, expect, it, onTestFinished } from 'vitest'
import { RotationLearner } from '../../../../core/export/rotated/rotation-learner.js'
import { Samples } from '../../../../core/export/rotated/samples.js'
import { startRotation } from '../../../../core/export/rotated/start-rotation.js'
import { buildKurtosisGraph, evenKurtosis } from '../../../../core/graph/kurtosis-graph.js'
import { buildTurnGraph } from '../../../../core/graph/turn-graph.js'
import { float32Tensor } from '../../../../core/engine/matrix-tensors.js'
import { openCpuDevice } from '../../../../core/runtime/ort-device.js'
import { distanceFromOrthogonal } from '../../../support/orthogonality.js'
import { randomNumbers } from '../../../support/random-numbers.js'

const device = openCpuDevice({ threads: 1 })
const width = 32

/** Vectors of a few causes that come and go, so that their sums have heavy tails, with a channel that sticks out. */
function unevenSamples(count: number): Samples {
  const random = randomNumbers(5)
  const causes = Array.from({ length: 6 }, () => new Float32Array(width).map(() => random.symmetric()))
  const samples = new Samples(width)
  for (let at = 0; at < count; at++) {
    const vector = new Float32Array(width).map(() => 0.2 * random.symmetric())
    for (const cause of causes) {
      const strength = random.symmetric() ** 5
      cause.forEach((value, channel) => (vector[channel] += strength * value))
    }
    vector[3] *= 8
    samples.add(vector)
  }
  return samples
}

interface Found {
  readonly loss: number
  readonly kurtosis: number
  readonly slope: Float32Array
}

async function look(samples: Float32Array, rotation: Float32Array): Promise<Found> {
  const session = await device.open(buildKurtosisGraph())
  const [loss, kurtosis, slope] = [1, 1, width * width].map((length) => new Float32Array(length))
  await session.run(
    {
      samples: float32Tensor(samples, [samples.length / width, width]),
      rotation: float32Tensor(rotation, [width, width]),
    },
    {
      loss: float32Tensor(loss, []),
      kurtosis: float32Tensor(kurtosis, []),
      slope: float32Tensor(slope, [width, width]),
    },
  )
  await session.close()
  return { loss: loss[0], kurtosis: kurtosis[0], slope }
}

/** In float64: the mean of (κ − 1.8)² over vectors, κ the mean of fourth powers. */
function lossOf(samples: Float32Array, rotation: Float64Array): number {
  const count = samples.length / width
  let sum = 0
  for (let at = 0; at < count; at++) {
    let fourths = 0
    for (let column = 0; column < width; column++) {
      let y = 0
      for (let i = 0; i < width; i++) y += samples[at * width + i] * rotation[i * width + column]
      fourths += y ** 4
    }
    sum += (fourths / width - evenKurtosis) ** 2
  }
  return sum / count
}

/** R with its columns i and j turned into each other by an angle. */
function turnedPair(rotation: Float32Array, [i, j]: readonly [number, number], angle: number): Float64Array {
  const turned = Float64Array.from(rotation)
  for (let row = 0; row < width; row++) {
    const [one, other] = [rotation[row * width + i], rotation[row * width + j]]
    turned[row * width + i] = Math.cos(angle) * one - Math.sin(angle) * other
    turned[row * width + j] = Math.sin(angle) * one + Math.cos(angle) * other
  }
  return turned
}

describe('the slope of the kurtosis along turns', () => {
  it('is that of finite differences', async () => {
    const { learned } = unevenSamples(60).split()
    const rotation = startRotation(width, 3)
    const { loss, slope } = await look(learned, rotation)
    expect(loss).toBeCloseTo(lossOf(learned, Float64Array.from(rotation)), 4)
    const step = 1e-4
    for (const [i, j] of [
      [0, 1],
      [3, 17],
      [30, 8],
    ] as const) {
      const [above, below] = [step, -step].map((angle) =>
        lossOf(learned, turnedPair(rotation, [i, j], angle)),
      )
      // Turning by an angle is exp(A) with A = angle at (i, j) and −angle at (j, i), whose product with S is ½ Σ S ∘ A.
      expect(slope[i * width + j]).toBeCloseTo((above - below) / (2 * step), 3)
      expect(slope[j * width + i]).toBeCloseTo(-slope[i * width + j], 5)
    }
  })

  it('leaves nothing to learn where all channels are as large as each other', async () => {
    const random = randomNumbers(1)
    const signs = new Float32Array(8 * width).map(() => (random.symmetric() < 0 ? -1 : 1))
    const plain = Float32Array.from({ length: width * width }, (_, at) => (at % (width + 1) === 0 ? 1 : 0))
    const { kurtosis, slope } = await look(signs, plain)
    expect(kurtosis).toBeCloseTo(1, 6)
    expect(slope.every((value) => Math.abs(value) < 1e-6)).toBe(true)
  })
})

describe('a learned rotation', () => {
  it('spreads vectors more evenly that it was not learned from, and is orthogonal', async () => {
    const learner = await RotationLearner.open(device)
    onTestFinished(() => learner.close())
    const start = startRotation(width, 0)
    const { rotation, kurtosis } = await learner.learn(unevenSamples(2000).split(), start)
    expect(kurtosis.started).toBeLessThan(kurtosis.plain)
    expect(kurtosis.learned).toBeLessThan(0.97 * kurtosis.started)
    expect(distanceFromOrthogonal(rotation)).toBeLessThan(1e-6)
  })
})

it('turns a rotation that rounding has bent into an orthogonal one', async () => {
  const session = await device.open(buildTurnGraph())
  onTestFinished(() => session.close())
  const random = randomNumbers(2)
  const bent = startRotation(width, 0).map((value) => value + 0.01 * random.symmetric())
  const [turned, distance] = [new Float32Array(width * width), new Float32Array(1)]
  const shape = [width, width]
  const turn = float32Tensor(new Float32Array(width * width), shape)
  await session.run(
    { rotation: float32Tensor(bent, shape), turn },
    { turned: float32Tensor(turned, shape), distance: float32Tensor(distance, []) },
  )
  expect(distanceFromOrthogonal(bent)).toBeGreaterThan(1e-3)
  expect(distanceFromOrthogonal(turned)).toBeLessThan(1e-6)
  expect(distance[0]).toBeLessThan(1e-6)
})
