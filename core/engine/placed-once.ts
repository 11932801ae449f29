import {
  freeTensor,
  type Device,
  type PlacedTensor,
  type PlacedTensors,
  type Tensors,
} from '../runtime/device.js'

/** Tensors that never change and are used again and again: copied to the device once, when they are first needed. */
export class PlacedOnce<Key> {
  readonly #device: Device
  readonly #placed = new Map<Key, PlacedTensors>()

  constructor(device: Device) {
    this.#device = device
  }

  /** Where the tensors of `key` lie on the device; null where they are not there. */
  known(key: Key): PlacedTensors | null {
    return this.#placed.get(key) ?? null
  }

  /** Where the tensors of `key` lie; the given ones themselves where the device has no memory. */
  async place(key: Key, tensors: Tensors): Promise<PlacedTensors> {
    if (!this.#device.hasMemory) return tensors
    const known = this.#placed.get(key)
    if (known !== undefined) return known
    const placed = await uploadAll(this.#device, tensors)
    this.#placed.set(key, placed)
    return placed
  }

  /** Frees them. */
  close(): void {
    for (const tensors of this.#placed.values()) Object.values(tensors).forEach(freeTensor)
    this.#placed.clear()
  }
}

async function uploadAll(device: Device, tensors: Tensors): Promise<PlacedTensors> {
  const placed: Record<string, PlacedTensor> = {}
  try {
    for (const [name, tensor] of Object.entries(tensors)) placed[name] = await device.upload(tensor)
    return placed
  } catch (thrown) {
    Object.values(placed).forEach(freeTensor)
    throw thrown
  }
}
