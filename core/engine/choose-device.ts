import { buildIdentityGraph } from '../graph/identity-graph.js'
import type { Device } from '../runtime/device.js'
import { findDevice, type FoundDevice } from '../runtime/find-devices.js'
import { measureProduct } from './measure-product.js'
import { openDevice, type DeviceSettings } from './open-device.js'
import { relativeError } from './relative-error.js'

/** The device that `auto` takes, and why. */
export interface DeviceChoice {
  readonly device: Device
  readonly reason: ChoiceReason
}

/** Why `auto` takes what it takes; hosts say it in their own words. */
export type ChoiceReason =
  | { readonly kind: 'gpu-missing'; readonly reason: string }
  | { readonly kind: 'gpu-is-software'; readonly adapter: string }
  | { readonly kind: 'gpu-is-wrong'; readonly adapter: string; readonly error: number }
  | {
      readonly kind: 'gpu-is-faster' | 'gpu-is-not-faster'
      readonly adapter: string
      /** 10⁹ operations a second, in a quantized product. */
      readonly gpuGigaflops: number
      readonly cpuGigaflops: number
    }

/** A GPU must be this much faster: below, copies and small graphs eat what it wins. */
const leastAdvantage = 1.5
/** Largest difference of a product, in parts of its largest element, that rounding explains. */
const largestError = 1e-3

/** Whether a device is there. */
export function findByName(name: FoundDevice['name'], settings: DeviceSettings): Promise<FoundDevice> {
  return findDevice(name, () => openDevice(name, settings), buildIdentityGraph('float32'))
}

/**
 * The GPU through WebGPU, where it computes what the processor computes, at least half as fast again; else the processor.
 * Other devices copy weights each time, and are taken by name only.
 *
 * @param now milliseconds from any fixed moment
 */
export async function chooseDevice(settings: DeviceSettings, now: () => number): Promise<DeviceChoice> {
  const cpu = openDevice('cpu', settings)
  const { adapter, reason, isSoftware } = await findByName('webgpu', settings)
  if (adapter === null) return { device: cpu, reason: { kind: 'gpu-missing', reason: reason ?? '' } }
  if (isSoftware) return { device: cpu, reason: { kind: 'gpu-is-software', adapter } }
  const gpu = openDevice('webgpu', settings)
  const ofCpu = await measureProduct(cpu, now)
  const ofGpu = await measureProduct(gpu, now)
  const error = relativeError(ofGpu.product, ofCpu.product)
  if (!(error <= largestError)) return { device: cpu, reason: { kind: 'gpu-is-wrong', adapter, error } }
  const isFaster = ofGpu.gigaflops >= leastAdvantage * ofCpu.gigaflops
  return {
    device: isFaster ? gpu : cpu,
    reason: {
      kind: isFaster ? 'gpu-is-faster' : 'gpu-is-not-faster',
      adapter,
      gpuGigaflops: ofGpu.gigaflops,
      cpuGigaflops: ofCpu.gigaflops,
    },
  }
}
