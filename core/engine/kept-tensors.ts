import { freeTensor, type Device, type PlacedTensor } from '../runtime/device.js'
import { deviceOfLayer } from '../runtime/layer-devices.js'
import type { KeptStates } from './kept-states.js'
import { float32Tensor } from './matrix-tensors.js'
import { ReusedBuffer } from './reused-buffer.js'

/** What enters each block, kept from the forward pass until its backward pass, where a device has it. */
export interface KeptTensors {
  /** True where the tensor itself was taken over, and not copied. */
  keep(layer: number, state: PlacedTensor): Promise<boolean>
  /** What was kept of a layer; valid until the next call. */
  take(layer: number, shape: readonly number[]): PlacedTensor
  close(): void
}

/** Kept in memory of ours, or in a file: copied from the device where it has memory of its own. */
export function keptByHost(device: Device, states: KeptStates): KeptTensors {
  const buffer = new ReusedBuffer()
  return {
    keep: async (layer, state) => {
      states.keep(layer, await device.read(state, (length) => buffer.take(length)))
      return false
    },
    take: (layer, shape) => {
      const length = shape.reduce((product, size) => product * size, 1)
      return float32Tensor(states.take(layer, length), shape)
    },
    close: () => states.close(),
  }
}

/** Kept exactly, in the device's memory: the tensors themselves, one a layer. */
export function keptByDevice(device: Device): KeptTensors {
  const byLayer = new Map<number, PlacedTensor>()
  return {
    keep: async (layer, state) => {
      const before = byLayer.get(layer)
      byLayer.delete(layer)
      if (before !== undefined) freeTensor(before)
      // What enters the lowest layer is in memory of ours, which the next run of the batch writes anew.
      byLayer.set(layer, state.data === null ? state : await device.upload(state))
      return state.data === null
    },
    take: (layer) => byLayer.get(layer) ?? neverKept(layer),
    close: () => {
      byLayer.forEach(freeTensor)
      byLayer.clear()
    },
  }
}

/** Kept on the device, but for the layers that it leaves to another one, whose states stay in `host`. */
export function keptByLayer(device: Device, host: KeptTensors): KeptTensors {
  const onDevice = keptByDevice(device)
  const placeOf = (layer: number): KeptTensors => (deviceOfLayer(device, layer).hasMemory ? onDevice : host)
  return {
    keep: (layer, state) => placeOf(layer).keep(layer, state),
    take: (layer, shape) => placeOf(layer).take(layer, shape),
    close: () => {
      onDevice.close()
      host.close()
    },
  }
}

function neverKept(layer: number): never {
  throw new Error(`the state that entered layer ${layer} was not kept`)
}
