import type {
  Device,
  DeviceTensor,
  PlacedTensor,
  PlacedTensors,
  Tensor,
  Tensors,
} from '../../core/runtime/device.js'

/** A device with memory of its own that computes on the CPU, and what is in that memory. */
export interface MemoryDevice {
  readonly device: Device
  /** Tensors that were not freed yet. */
  readonly held: () => number
  /** How often a tensor was copied to the device by `upload`, and from it. */
  readonly copies: () => { readonly uploads: number; readonly reads: number }
}

/** Stands for a GPU: its tensors have no array, can be freed once, and cannot be used afterwards. */
export function memoryDevice(cpu: Device): MemoryDevice {
  const contents = new Map<DeviceTensor, Tensor>()
  let uploads = 0
  let reads = 0
  const hold = ({ type, shape, data }: Tensor): DeviceTensor => {
    const tensor: DeviceTensor = {
      type,
      shape,
      data: null,
      free: () => {
        if (!contents.delete(tensor)) throw new Error('a tensor was freed twice')
      },
    }
    contents.set(tensor, { type, shape, data: data.slice() })
    return tensor
  }
  const find = (tensor: PlacedTensor): Tensor => {
    if (tensor.data !== null) return tensor
    const content = contents.get(tensor)
    if (content === undefined) throw new Error('a tensor was used after it was freed')
    return content
  }
  const findAll = (tensors: PlacedTensors): Tensors =>
    Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, find(tensor)]))
  return {
    held: () => contents.size,
    copies: () => ({ uploads, reads }),
    device: {
      ...cpu,
      hasMemory: true,
      open: async (graph, { stays = [] } = {}) => {
        const session = await cpu.open(graph)
        return {
          close: () => session.close(),
          run: async (inputs, outputs) => {
            await session.run(findAll(inputs), outputs)
            return Object.fromEntries(
              Object.entries(outputs).map(([name, tensor]): [string, PlacedTensor] => {
                if (!stays.includes(name)) return [name, tensor]
                const kept = hold(tensor)
                // Whoever read the array instead of the tensor would see that.
                tensor.data.fill(0 as never)
                return [name, kept]
              }),
            )
          },
        }
      },
      upload: (tensor) => {
        uploads++
        return Promise.resolve(hold(tensor))
      },
      read: (tensor, memory) => {
        const { data } = find(tensor) as Tensor<'float32'>
        if (tensor.data !== null) return Promise.resolve(data)
        reads++
        const copy = memory(data.length)
        copy.set(data)
        return Promise.resolve(copy)
      },
    },
  }
}
