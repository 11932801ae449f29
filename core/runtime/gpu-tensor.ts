import type * as Ort from 'onnxruntime-node'
import type { DeviceTensor, TensorType } from './device.js'

/** A tensor in the memory of the GPU. */
export class GpuTensor implements DeviceTensor {
  readonly type: TensorType
  readonly shape: readonly number[]
  readonly data = null
  readonly tensor: Ort.Tensor
  readonly #onFree: () => void

  constructor(tensor: Ort.Tensor, onFree: () => void) {
    this.type = tensor.type as TensorType
    this.shape = tensor.dims
    this.tensor = tensor
    this.#onFree = onFree
  }

  free(): void {
    this.tensor.dispose()
    this.#onFree()
  }
}
