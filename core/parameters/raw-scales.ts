import type { TrainableModel } from '../engine/graph-model.js'
import { ReusedBuffers } from '../engine/reused-buffer.js'
import type { Overrides } from '../engine/overrides.js'
import { fillNormals } from '../random/directions.js'
import type { ScaleFactors } from '../quantization/scale-factors.js'
import { scaleOverrides, scaleTensors, type ScaleTensor } from './scale-tensors.js'
import { reaches, type Probe, type StepScope, type TrainedParameters } from './trained-parameters.js'

/** The released code's lower bound of a scale; the paper writes 0. */
const scaleFloor = 1e-7

interface MasterScales extends ScaleTensor {
  readonly master: Float32Array
}

/**
 * The published form: an fp32 master of every block scale, moved by Gaussian directions that are added to it,
 * S ← max(S − η d z, 1e-7). Each step rounds once to fp32 in a fixed order, so a replay gives the same bits.
 *
 * Scales that are negative in the file stay negative: the floor holds their magnitude.
 *
 * Source: QZO, arXiv:2505.13430, section 3.2 and its released code.
 */
export class RawScales implements TrainedParameters {
  readonly lanes = 'batch'
  readonly firstLayer: number
  readonly endLayer: number
  readonly count: number
  readonly numbers: ReadonlyMap<string, Float32Array>
  readonly #tensors: readonly MasterScales[]
  readonly #buffers = new ReusedBuffers()

  /** @throws EngineError 'model-untrainable' where nothing of these layers is quantized */
  constructor(model: TrainableModel, firstLayer: number, endLayer: number) {
    this.firstLayer = firstLayer
    this.endLayer = endLayer
    this.#tensors = scaleTensors(model, firstLayer, endLayer).map((tensor) => ({
      ...tensor,
      master: tensor.initial.slice(),
    }))
    this.numbers = new Map(this.#tensors.map(({ name, master }) => [name, master]))
    this.count = this.#tensors.reduce((sum, { master }) => sum + master.length, 0)
  }

  overrides(probe: Probe | null, sign: 1 | -1 = 1): Overrides {
    return scaleOverrides(this.#tensors, (tensor) =>
      probe === null || !reaches(probe.layers, tensor.layer)
        ? tensor.master
        : this.#probed(tensor, probe, sign),
    )
  }

  move(seed: number, coefficients: readonly number[], { layers }: StepScope = {}): void {
    for (const tensor of this.#tensors) {
      if (!reaches(layers, tensor.layer)) continue
      coefficients.forEach((coefficient, lane) => moveAlong(tensor, normals(seed, lane, tensor), coefficient))
    }
  }

  save(): Uint8Array {
    return Uint8Array.from(Buffer.concat(this.#tensors.map(({ master }) => bytesOf(master))))
  }

  load(bytes: Uint8Array): void {
    let offset = 0
    for (const { master } of this.#tensors) {
      bytesOf(master).set(bytes.subarray(offset, offset + master.byteLength))
      offset += master.byteLength
    }
  }

  /** Nothing is made of the numbers ahead of time. */
  refresh(): void {}

  scaleFactors(layer: number, place: string): ScaleFactors | null {
    const found = this.#tensors.find((tensor) => tensor.layer === layer && tensor.place === place)
    if (found === undefined) return null
    const values = Float64Array.from(found.master, (scale, i) => {
      const initial = found.initial[i]
      // A block of scale 0 holds zeros whatever its scale becomes in the file.
      return initial === 0 ? 1 : scale / initial
    })
    return { shape: 'blocks', values }
  }

  #probed(scales: MasterScales, { seed, epsilon, lane = 0 }: Probe, sign: 1 | -1): Float32Array {
    const { place, master } = scales
    const z = normals(seed, lane, scales)
    const buffer = this.#buffers.take(place, master.length)
    for (let i = 0; i < master.length; i++) buffer[i] = master[i] + sign * epsilon * z[i]
    return buffer
  }
}

function moveAlong({ master, initial }: MasterScales, z: Float64Array, coefficient: number): void {
  for (let i = 0; i < master.length; i++) {
    const sign = initial[i] < 0 ? -1 : 1
    master[i] = sign * Math.max(sign * (master[i] + coefficient * z[i]), scaleFloor)
  }
}

function normals(seed: number, lane: number, { name, master }: MasterScales): Float64Array {
  const z = new Float64Array(master.length)
  fillNormals(z, seed, name, lane)
  return z
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}
