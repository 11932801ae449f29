import { cpus } from 'node:os'
import { EngineError } from '../schema/engine-error.js'
import type { DeviceName } from '../schema/device-name.js'
import { deviceProblem, type DeviceProblemCode } from '../schema/device-problems.js'
import type { Device } from './device.js'
import { findGpu } from './find-gpu.js'
import { findLibrary } from './shared-library.js'

/** What there is of a device. */
export interface FoundDevice {
  readonly name: DeviceName
  /** What it is, as far as the system says; null where it is not there. */
  readonly adapter: string | null
  /** Whether it is a GPU that the processor plays: right for tests, of no use otherwise. */
  readonly isSoftware: boolean
  /** Why it is not there; null where it is. */
  readonly reason: string | null
}

/**
 * Whether a device is there, and why not.
 *
 * @param open opens it; needed only where nothing is known to be missing
 * @param identity a small graph to try it with
 */
export async function findDevice(
  name: DeviceName,
  open: () => Device,
  identity: Uint8Array,
): Promise<FoundDevice> {
  const missing = knownMissing(name)
  if (missing !== null) return absent(name, missing)
  if (name === 'cpu') return present(name, cpus().at(0)?.model ?? 'processor')
  try {
    const session = await open().open(identity)
    // What it is shows in what is loaded now.
    const { adapter, isSoftware } = name === 'webgpu' ? findGpu() : { adapter: 'GPU', isSoftware: false }
    await session.close()
    return { ...present(name, adapter), isSoftware }
  } catch (thrown) {
    const error = EngineError.from(thrown)
    if (error.code === 'bug') throw thrown
    return absent(name, isUnavailable(error) ? error.details.reason : error.message)
  }
}

function isUnavailable(error: EngineError): error is EngineError<'device-unavailable'> {
  return error.code === 'device-unavailable'
}

/** What is known to be missing before anything is loaded that would complain in its own way. */
function knownMissing(name: DeviceName): string | null {
  if (name === 'dml' && process.platform !== 'win32') return deviceProblem('dml-elsewhere')
  if (name === 'cuda') {
    if (process.platform !== 'linux' || process.arch !== 'x64') return deviceProblem('cuda-elsewhere')
    return missingLibrary('libcuda.so.1', 'driver-missing')
  }
  if (name === 'webgpu' && process.platform === 'linux') {
    return missingLibrary('libvulkan.so.1', 'vulkan-missing')
  }
  return null
}

function missingLibrary(name: string, problem: DeviceProblemCode): string | null {
  return findLibrary(name) === null ? null : deviceProblem(problem, { name })
}

function present(name: DeviceName, adapter: string): FoundDevice {
  return { name, adapter, isSoftware: false, reason: null }
}

function absent(name: DeviceName, reason: string): FoundDevice {
  return { name, adapter: null, isSoftware: false, reason }
}
