import { EngineError } from '../schema/engine-error.js'
import type { DeviceName } from '../schema/device-name.js'
import { requestIssue } from '../schema/request-issues.js'
import { megabytes } from './megabytes.js'

/** What a person may say of how many layers a device takes; all unless said. */
export interface DeviceLayerChoices {
  /** What the device's memory may hold: as many of the upper layers run there as that has room for. */
  readonly deviceMemoryBytes?: number
  /** So many of the upper layers run there. */
  readonly deviceLayers?: number
}

/** Whether tensors stay on a device from one run of a graph to the next; the binding keeps them for WebGPU only. */
export function hasOwnMemory(device: DeviceName): boolean {
  return device === 'webgpu'
}

/**
 * How many layers, from the lowest on, the processor takes beside a device: as few as may be.
 *
 * @param bytesWith what lies in the device's memory with so many layers on the processor
 * @throws EngineError 'request-invalid' where there is no such device; 'memory-budget-exceeded' where it has no room for
 *   the last layer
 */
export function processorLayersOf(
  { deviceMemoryBytes, deviceLayers }: DeviceLayerChoices,
  device: DeviceName,
  layerCount: number,
  bytesWith: (processorLayers: number) => number,
): number {
  if (deviceLayers === undefined && deviceMemoryBytes === undefined) return 0
  if (device === 'cpu') throw requestIssue('layers-without-device')
  if (deviceLayers !== undefined) {
    if (deviceMemoryBytes !== undefined) throw requestIssue('device-layers-twice')
    return Math.max(0, layerCount - deviceLayers)
  }
  if (!hasOwnMemory(device)) throw requestIssue('memory-of-device', { device })
  const room = deviceMemoryBytes ?? 0
  for (let layers = 0; layers < layerCount; layers++) if (bytesWith(layers) <= room) return layers
  const requiredBytes = bytesWith(layerCount - 1)
  throw new EngineError(
    'memory-budget-exceeded',
    { requiredBytes, availableBytes: room },
    `the device needs ${megabytes(requiredBytes)} for the last layer alone, and may hold ${megabytes(room)}: raise --device-memory, or use --device cpu`,
  )
}
