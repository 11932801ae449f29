import { buildWeightedErrorGraph } from '../graph/weighted-error-graph.js'
import type { Device, Session } from '../runtime/device.js'
import { float32Tensor } from './matrix-tensors.js'

/** Measures what changes of a linear's weights do to its outputs. */
export class OutputError {
  readonly #session: Session

  private constructor(session: Session) {
    this.#session = session
  }

  static async open(device: Device): Promise<OutputError> {
    return new OutputError(await device.open(buildWeightedErrorGraph()))
  }

  /**
   * tr(Δ H Δᵀ) of changes Δ of weights on inputs with the moments H.
   *
   * @param difference Δ, shape [rows, columns]
   * @param moments H, shape [columns, columns]
   */
  async of(difference: Float32Array, moments: Float32Array, columns: number): Promise<number> {
    const error = new Float32Array(1)
    await this.#session.run(
      {
        difference: float32Tensor(difference, [difference.length / columns, columns]),
        moments: float32Tensor(moments, [columns, columns]),
      },
      { error: float32Tensor(error, []) },
    )
    return error[0]
  }

  close(): Promise<void> {
    return this.#session.close()
  }
}
