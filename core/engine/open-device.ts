import { buildIdentityGraph } from '../graph/identity-graph.js'
import { lowerForWebGpu } from '../graph/lowering/lower-for-webgpu.js'
import type { Device } from '../runtime/device.js'
import { useLibraries } from '../runtime/load-runtime.js'
import { openHostDevice } from '../runtime/ort-device.js'
import { WebGpuDevice } from '../runtime/webgpu-device.js'
import type { DeviceName } from '../schema/device-name.js'

/** What a person may say of a device, besides its name. */
export interface DeviceSettings {
  /** Processor threads; all unless said. */
  readonly threads?: number
  /** Folder of onnxruntime's CUDA build, the `lib` folder of its release. */
  readonly cudaLibraries?: string
}

/**
 * Opens a device by its name. Whether it is there is seen by what is first opened on it.
 *
 * @throws EngineError 'device-unavailable' where the named libraries cannot be loaded
 */
export function openDevice(name: DeviceName, { threads, cudaLibraries }: DeviceSettings = {}): Device {
  const common = threads === undefined ? {} : { threads }
  if (name === 'webgpu') {
    return new WebGpuDevice({ ...common, lower: lowerForWebGpu, identity: buildIdentityGraph })
  }
  if (name === 'cuda' && cudaLibraries !== undefined) useLibraries(cudaLibraries)
  return openHostDevice(name, common)
}
