import { statfsSync } from 'node:fs'
import { availableParallelism, cpus, freemem, totalmem } from 'node:os'
import type { Command } from 'commander'
import { runtimeVersion } from '../runtime/load-runtime.js'
import { EngineError } from '../schema/engine-error.js'
import { programVersion } from '../schema/version.js'
import { findDemo } from '../hub/demo-files.js'
import { chooseDevice, findByName, type ChoiceReason } from '../engine/choose-device.js'
import type { FoundDevice } from '../runtime/find-devices.js'
import { deviceNames } from '../schema/device-name.js'
import { choosePrecision, type PrecisionChoice } from '../engine/choose-precision.js'
import { openDevice } from '../engine/open-device.js'
import { deviceSettings, withDeviceOptions, type DeviceOptions } from './device.js'
import { formatBytes } from './format.js'
import { Output, type OutputOptions } from './output.js'
import { precisionText } from './precision.js'
import { withOutputOptions } from './shared-options.js'

/** `zerotune doctor`. */
export function addDoctorCommand(program: Command): void {
  const command = program.command('doctor').description('say what this computer offers, and what is missing')
  withOutputOptions(withDeviceOptions(command)).action(async (options: OutputOptions & DeviceOptions) => {
    const settings = deviceSettings(options)
    const devices: FoundDevice[] = []
    for (const name of deviceNames) devices.push(await findByName(name, settings))
    const now = (): number => performance.now()
    const { device, reason } = await chooseDevice(settings, now)
    const hasGpu = devices.some(({ name, adapter }) => name === 'webgpu' && adapter !== null)
    const ofGpu = hasGpu ? await choosePrecision(openDevice('webgpu', settings), now) : null
    const { bavail, bsize } = statfsSync('.')
    const found = {
      zerotune: programVersion,
      node: process.version,
      system: `${process.platform} ${process.arch}`,
      // Throws where it cannot be loaded: nothing works without it.
      onnxruntime: await runtimeVersion(),
      processor: cpus().at(0)?.model ?? 'unknown',
      threads: availableParallelism(),
      memoryBytes: totalmem(),
      freeMemoryBytes: freemem(),
      freeDiskBytes: bavail * bsize,
      demo: demoPath(),
      devices,
      auto: { device: device.name, reason },
      /** On the GPU through WebGPU; null where there is none. */
      precision: ofGpu,
    }
    new Output(options).result(found, [
      `Zerotune ${found.zerotune}, Node ${found.node}, ${found.system}`,
      `onnxruntime ${found.onnxruntime} loads`,
      `${found.processor}, ${found.threads} threads`,
      `${formatBytes(found.memoryBytes)} memory, ${formatBytes(found.freeMemoryBytes)} free`,
      `${formatBytes(found.freeDiskBytes)} free on this disk`,
      'devices (--device):',
      ...devices.map(deviceLine),
      `  auto takes ${device.name}: ${reasonText(reason)}`,
      ...(ofGpu === null ? [] : [precisionLine(ofGpu)]),
      found.demo === null ? 'the example is missing' : `the example is there; try it: zerotune demo`,
    ])
  })
}

function deviceLine({ name, adapter, reason, isSoftware }: FoundDevice): string {
  if (adapter === null) return `  ${name}: not there; ${reason ?? 'no reason is known'}`
  return `  ${name}: ${adapter}${isSoftware ? '; right, but slower than the processor' : ''}`
}

function precisionLine({ precision, reason }: PrecisionChoice): string {
  return `  precision (--precision) on webgpu: auto takes ${precision}; ${precisionText(reason)}`
}

function reasonText(reason: ChoiceReason): string {
  switch (reason.kind) {
    case 'gpu-missing':
      return 'there is no GPU to be used'
    case 'gpu-is-software':
      return `${reason.adapter} is no GPU`
    case 'gpu-is-wrong':
      return `${reason.adapter} computes something else than the processor (relative error ${reason.error.toExponential(1)})`
    default: {
      const [gpu, cpu] = [reason.gpuGigaflops, reason.cpuGigaflops].map((speed) => speed.toFixed(0))
      return `${reason.adapter} multiplies at ${gpu} GFLOP/s, the processor at ${cpu}`
    }
  }
}

function demoPath(): string | null {
  try {
    return findDemo().model
  } catch (thrown) {
    if (thrown instanceof EngineError) return null
    throw thrown
  }
}
