import {
  chooseDevice,
  EngineError,
  findDeviceByName,
  openCpuDevice,
  openDevice,
  type Device,
  type DeviceName,
  type FoundDevice,
  type TrainJob,
} from '../../core/index.js'
import type { EngineConfig } from '../ipc/engine-frames.js'

/** Devices that are taken without further files; CUDA needs a folder of its libraries, which the command line takes. */
const listedDevices: readonly DeviceName[] =
  process.platform === 'win32' ? ['cpu', 'webgpu', 'dml'] : ['cpu', 'webgpu']

/** What graphs run on: as the settings say, or as a run began. */
export class Devices {
  readonly #config: () => Pick<EngineConfig, 'device' | 'threads'>
  readonly #now: () => number
  /** What the settings came to, found out once. */
  #chosen: { readonly key: string; readonly device: Promise<Device> } | null = null

  /** @param now milliseconds from any fixed moment */
  constructor(config: () => Pick<EngineConfig, 'device' | 'threads'>, now: () => number) {
    this.#config = config
    this.#now = now
  }

  /** As the settings say; `auto` measures whether a GPU is faster and right. @throws EngineError 'device-unavailable' */
  chosen(): Promise<Device> {
    const { device: name, threads } = this.#config()
    const key = `${name} ${threads}`
    if (this.#chosen?.key === key) return this.#chosen.device
    const settings = threads === null ? {} : { threads }
    const device =
      name === 'auto'
        ? chooseDevice(settings, this.#now).then((choice) => choice.device)
        : openPresent(name, settings)
    this.#chosen = { key, device }
    // What failed may be there when it is asked for again.
    device.catch(() => {
      if (this.#chosen?.device === device) this.#chosen = null
    })
    return device
  }

  /** What a run began on: only there it goes on with the same bits. @throws EngineError 'device-unavailable' */
  ofRun({ device, threads }: Pick<TrainJob, 'device' | 'threads'>): Promise<Device> {
    const known = threads ?? this.#config().threads
    return openPresent(device, known === null ? {} : { threads: known })
  }

  /** The processor, on which text is generated. */
  processor(): Device {
    const { threads } = this.#config()
    return openCpuDevice(threads === null ? {} : { threads })
  }

  /** Which devices there are. */
  async list(): Promise<FoundDevice[]> {
    const found: FoundDevice[] = []
    for (const name of listedDevices) found.push(await findDeviceByName(name, {}))
    return found
  }
}

async function openPresent(name: DeviceName, settings: { readonly threads?: number }): Promise<Device> {
  if (name === 'cpu') return openCpuDevice(settings)
  const { reason } = await findDeviceByName(name, settings)
  if (reason === null) return openDevice(name, settings)
  throw new EngineError('device-unavailable', { device: name, reason }, `'${name}' is not there: ${reason}`)
}
