import type { HeadChunk } from '../graph/head-gradient-graph.js'
import type { ModelDescription } from '../model/description.js'
import type { Device, Session, Tensors } from '../runtime/device.js'
import { OpenSessions } from '../runtime/open-sessions.js'
import type { LoadedModel } from './loaded-model.js'
import { float32Tensor, matrixRows, matrixTensors } from './matrix-tensors.js'
import { MiddlePoints } from './middle-points.js'
import { outputNormTensors } from './output-norm.js'
import { PlacedOnce } from './placed-once.js'
import { ReusedBuffers } from './reused-buffer.js'

/** Weights of the output matrix that are unpacked at a time: 8 MB in floats. */
const weightsPerRun = 2 ** 21

/**
 * Runs a graph over the output matrix, a chunk of the vocabulary at a time, and adds up what it gives: memory does not grow
 * with vocabulary × tokens.
 */
export class HeadSweep {
  readonly #device: Device
  readonly #model: LoadedModel
  readonly #build: (model: ModelDescription, chunk: HeadChunk) => Uint8Array
  readonly #sessions = new OpenSessions<number>()
  readonly #parts = new ReusedBuffers()
  /** By the first row of a chunk. */
  readonly #placedWeights: PlacedOnce<number>
  readonly #sums = new Map<string, Float64Array>()
  readonly #middles = new MiddlePoints()

  /** @param build the graph of a chunk; `output_norm` and the chunk's weights are inputs of it */
  constructor(
    device: Device,
    model: LoadedModel,
    build: (model: ModelDescription, chunk: HeadChunk) => Uint8Array,
  ) {
    this.#device = device
    this.#model = model
    this.#build = build
    this.#placedWeights = new PlacedOnce(device)
  }

  /**
   * Sums of the graph's outputs over all chunks, in float64; valid until the next call.
   *
   * @param inputs the graph's other inputs
   * @param shapes of its outputs, by name
   */
  async run<Name extends string>(
    inputs: Tensors,
    shapes: Readonly<Record<Name, readonly number[]>>,
  ): Promise<Record<Name, Float64Array>> {
    const { output, description } = this.#model
    const { vocabularySize, width } = description
    const norm = outputNormTensors(this.#model)
    const parts = Object.entries<readonly number[]>(shapes).map(([name, shape]) => {
      const length = shape.reduce((product, size) => product * size, 1)
      const tensor = float32Tensor(this.#parts.take(name, length), shape)
      return { name, tensor, sum: this.#sumOf(name, length) }
    })
    const outputs = Object.fromEntries(parts.map(({ name, tensor }) => [name, tensor]))
    const rows = Math.max(1, Math.floor(weightsPerRun / width))
    for (let first = 0; first < vocabularySize; first += rows) {
      const chunk = matrixRows(output.whole(), first, Math.min(vocabularySize, first + rows))
      const session = await this.#sessionFor(chunk.rows)
      const weights = matrixTensors('output', chunk, 'zeroPoints', this.#middles)
      const placed = await this.#placedWeights.place(first, weights)
      await session.run({ ...inputs, ...norm, ...placed }, outputs)
      for (const { tensor, sum } of parts) {
        for (let i = 0; i < sum.length; i++) sum[i] += tensor.data[i]
      }
    }
    return Object.fromEntries(parts.map(({ name, sum }) => [name, sum])) as Record<Name, Float64Array>
  }

  #sumOf(name: string, length: number): Float64Array {
    const known = this.#sums.get(name)
    const memory = known === undefined || known.length < length ? new Float64Array(length) : known
    this.#sums.set(name, memory)
    return memory.subarray(0, length).fill(0)
  }

  /** Frees the sessions, and the weights on the device. */
  async close(): Promise<void> {
    this.#placedWeights.close()
    await this.#sessions.close()
  }

  #sessionFor(rows: number): Promise<Session> {
    const { description, output } = this.#model
    return this.#sessions.get(this.#device, rows, () =>
      this.#device.open(this.#build(description, { format: output.format, rows })),
    )
  }
}
