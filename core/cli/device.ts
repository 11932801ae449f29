import type { Command } from 'commander'
import type { Device } from '../runtime/device.js'
import { openCpuDevice } from '../runtime/ort-device.js'
import { integer } from './option-values.js'

/** The flag that says how much of the machine to use. */
export interface DeviceOptions {
  readonly threads?: number
}

/** Adds that flag. */
export function withDeviceOptions(command: Command): Command {
  return command.option('--threads <n>', 'processor threads (default: all)', integer(1))
}

/** The device that a command runs on. @param usual threads where the flag does not say; null for all */
export function deviceOf({ threads }: DeviceOptions, usual: number | null = null): Device {
  const chosen = threads ?? usual
  return openCpuDevice(chosen === null ? {} : { threads: chosen })
}
