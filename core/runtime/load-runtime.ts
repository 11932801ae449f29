import { join } from 'node:path'
import type * as Ort from 'onnxruntime-node'
import { EngineError } from '../schema/engine-error.js'
import type { DeviceName } from '../schema/device-name.js'
import { keepLibrary } from './shared-library.js'
import { deviceProblem } from '../schema/device-problems.js'

/** Loaded when it is needed: a library that is missing or of another system is then reported, and by this error only. */
export function loadRuntime(): Promise<typeof Ort> {
  return asRuntimeFailure(deviceProblem('loading-failed'), 'cpu', () => import('onnxruntime-node'))
}

/**
 * Makes the onnxruntime in a folder the one that is loaded, before any other is: it looks for its providers beside itself.
 *
 * @param folder the `lib` folder of a release of onnxruntime for GPUs, of the same version as the binding
 * @throws EngineError 'device-unavailable'
 */
export function useLibraries(folder: string): void {
  for (const name of ['libonnxruntime.so.1', 'libonnxruntime_providers_cuda.so']) {
    const path = join(folder, name)
    const problem = keepLibrary(path)
    if (problem === null) continue
    const reason = `${path} cannot be loaded: ${problem}`
    throw new EngineError(
      'device-unavailable',
      { device: 'cuda', reason },
      `the device 'cuda' is not there: ${reason}`,
    )
  }
}

/**
 * Version of onnxruntime.
 *
 * @throws EngineError 'runtime-failed' where it cannot be loaded
 */
export async function runtimeVersion(): Promise<string> {
  const { env } = await loadRuntime()
  return env.versions.node ?? env.versions.common
}

/** What onnxruntime's messages say of a device that is gone, whose memory is full, or that never was there. */
const lostDevice = /device (was |is )?lost|DeviceLost|DEVICE_REMOVED|DEVICE_HUNG|CUDA error|out of memory/i
const missingDevice =
  /Failed to get a WebGPU (adapter|device)|providers_cuda|providers_shared|shared library|backend not found|CUDA driver/i

/**
 * Reports what the runtime throws as our own error.
 *
 * @param operation what onnxruntime could not do, as in 'open a graph'
 */
export async function asRuntimeFailure<T>(
  operation: string,
  device: DeviceName,
  action: () => Promise<T>,
): Promise<T> {
  try {
    return await action()
  } catch (thrown) {
    throw runtimeFailure(operation, device, thrown)
  }
}

function runtimeFailure(operation: string, device: DeviceName, cause: unknown): EngineError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const message = `onnxruntime could not ${operation}: ${reason}`
  if (device === 'cpu') return new EngineError('runtime-failed', { operation }, message, { cause })
  if (missingDevice.test(reason)) {
    const text = `the device '${device}' is not there: ${reason}`
    return new EngineError('device-unavailable', { device, reason }, text, { cause })
  }
  if (lostDevice.test(reason)) {
    const text = `the device '${device}' was lost, or its memory is full: ${reason}`
    return new EngineError('device-lost', { device }, text, { cause })
  }
  return new EngineError('runtime-failed', { operation }, message, { cause })
}
