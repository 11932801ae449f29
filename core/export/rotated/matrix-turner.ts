import { float32Tensor } from '../../engine/matrix-tensors.js'
import { ReusedBuffer } from '../../engine/reused-buffer.js'
import { buildRotateGraph, type TurnedSide } from '../../graph/rotate-graph.js'
import type { Device, Session } from '../../runtime/device.js'
import { OpenSessions } from '../../runtime/open-sessions.js'

/** Turns the inputs or outputs of matrices on a device. */
export class MatrixTurner {
  readonly #device: Device
  readonly #sessions = new OpenSessions<TurnedSide>()
  readonly #buffer = new ReusedBuffer()

  constructor(device: Device) {
    this.#device = device
  }

  /**
   * W R for the inputs, Rᵀ W for the outputs.
   *
   * @param weights shape [rows, columns], overwritten
   * @param rotation R, shape [size, size], size being the columns or the rows
   */
  async turn(side: TurnedSide, weights: Float32Array, rotation: Float32Array): Promise<void> {
    const size = Math.sqrt(rotation.length)
    const shape = side === 'inputs' ? [weights.length / size, size] : [size, weights.length / size]
    const session = await this.#session(side)
    const turned = this.#buffer.take(weights.length)
    await session.run(
      { weights: float32Tensor(weights, shape), rotation: float32Tensor(rotation, [size, size]) },
      { turned: float32Tensor(turned, shape) },
    )
    weights.set(turned)
  }

  close(): Promise<void> {
    return this.#sessions.close()
  }

  #session(side: TurnedSide): Promise<Session> {
    return this.#sessions.get(this.#device, side, () => this.#device.open(buildRotateGraph(side)))
  }
}
