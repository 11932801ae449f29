import type * as Ort from 'onnxruntime-node'
import { GpuTensor } from './gpu-tensor.js'
import type { PlacedTensors } from './device.js'

/** Tensors as the binding takes them, over the same memory. */
export function ortTensors(ort: typeof Ort, tensors: PlacedTensors): Record<string, Ort.Tensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [
      name,
      tensor instanceof GpuTensor
        ? tensor.tensor
        : new ort.Tensor(tensor.type as 'float32', tensor.data as Float32Array, tensor.shape),
    ]),
  )
}
