import type { Device } from './device.js'

/** A device that leaves the lower layers of a model to another one, the processor; all else runs on the device itself. */
export function withLowerLayers(device: Device, lower: Device, end: number): Device {
  return {
    name: device.name,
    threads: device.threads,
    hasMemory: device.hasMemory,
    lowerLayers: { device: lower, end },
    open: (graph, options) => device.open(graph, options),
    upload: (tensor) => device.upload(tensor),
    read: (tensor, memory) => device.read(tensor, memory),
  }
}

/** Where a layer runs: on the device itself, unless it is among those that it leaves to another one. */
export function deviceOfLayer(device: Device, layer: number): Device {
  const { lowerLayers } = device
  return lowerLayers !== undefined && layer < lowerLayers.end ? lowerLayers.device : device
}
