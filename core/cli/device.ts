import { InvalidArgumentError, type Command } from 'commander'
import { chooseDevice, findByName } from '../engine/choose-device.js'
import { openDevice, type DeviceSettings } from '../engine/open-device.js'
import { isOpenGraph, type AnyOpenModel } from '../engine/open-graph-model.js'
import type { Device } from '../runtime/device.js'
import { deviceNames, type DeviceName } from '../schema/device-name.js'
import { EngineError } from '../schema/engine-error.js'
import { integer } from './option-values.js'
import type { Output } from './output.js'

/** The flags that say what to run on, and how much of it to use. */
export interface DeviceOptions {
  readonly device?: DeviceName | 'auto'
  readonly threads?: number
  readonly cudaLibraries?: string
}

/** Adds those flags. */
export function withDeviceOptions(command: Command): Command {
  return command
    .option(
      '--device <name>',
      `one of ${choices.join(', ')} (default: auto; see zerotune doctor)`,
      deviceName,
    )
    .option('--cuda-libraries <folder>', "for --device cuda: the lib folder of onnxruntime's CUDA build")
    .option('--threads <n>', 'processor threads (default: all)', integer(1))
}

/** What a run was made on. */
export interface UsualDevice {
  readonly device: DeviceName
  /** Null for all. */
  readonly threads: number | null
}

/** For what is small, or has to come out the same everywhere. */
export const onProcessor: UsualDevice = { device: 'cpu', threads: null }

/**
 * The device that a command runs on.
 *
 * @param usual what to take where the flags do not say
 * @throws EngineError 'device-unavailable', with what to do
 */
export async function deviceOf(options: DeviceOptions, usual?: UsualDevice): Promise<Device> {
  const settings = deviceSettings(options, usual)
  const name = options.device ?? usual?.device ?? 'auto'
  if (name === 'auto') return (await chooseDevice(settings, () => performance.now())).device
  const device = openDevice(name, settings)
  if (name === 'cpu') return device
  const { reason } = await findByName(name, settings)
  if (reason === null) return device
  const advice = options.device === undefined ? '; the run began on it, and can go on with --device cpu' : ''
  const message = `the device '${name}' is not there: ${reason}${advice}`
  throw new EngineError('device-unavailable', { device: name, reason }, message)
}

/**
 * The device that a command runs a model on: by its own graph the processor, unless told.
 *
 * @param usual what to take where the flags do not say
 * @throws EngineError 'not-available' for such a graph on WebGPU, and as `deviceOf`
 */
export function deviceFor(model: AnyOpenModel, options: DeviceOptions, usual?: UsualDevice): Promise<Device> {
  if (!isOpenGraph(model)) return deviceOf(options, usual)
  const name = options.device ?? usual?.device ?? 'auto'
  if (name === 'webgpu') throw graphOnWebGpu()
  return deviceOf(name === 'auto' ? { ...options, device: 'cpu' } : options, usual)
}

function graphOnWebGpu(): EngineError {
  const feature = "a model's own graph on webgpu"
  const message = `this model runs by its own graph, which webgpu cannot yet: leave out --device, or take --device cpu`
  return new EngineError('not-available', { feature }, message)
}

/** As `deviceFor`, for a run that goes on; says so where that is on another device than the run began on. */
export async function deviceOfRun(
  model: AnyOpenModel,
  options: DeviceOptions,
  job: UsualDevice,
  output: Output,
): Promise<Device> {
  const device = await deviceFor(model, options, job)
  if (device.name !== job.device) {
    output.say(`note: the run began on ${job.device}; on ${device.name} losses differ in their last digits`)
  }
  return device
}

/** What the flags say of a device, besides its name. */
export function deviceSettings(options: DeviceOptions, usual?: UsualDevice): DeviceSettings {
  const threads = options.threads ?? usual?.threads ?? null
  const { cudaLibraries } = options
  return {
    ...(threads !== null && { threads }),
    ...(cudaLibraries !== undefined && { cudaLibraries }),
  }
}

const choices: readonly string[] = ['auto', ...deviceNames]

function deviceName(value: string): DeviceName | 'auto' {
  if (choices.includes(value)) return value as DeviceName | 'auto'
  throw new InvalidArgumentError(`Expected one of ${choices.join(', ')}.`)
}
