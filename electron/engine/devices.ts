import {
  chooseDevice,
  choosePrecision,
  EngineError,
  findDeviceByName,
  openCpuDevice,
  openDevice,
  requirePrecision,
  type Device,
  type DeviceLayerChoices,
  type DeviceName,
  type FoundDevice,
  type Precision,
  type TrainJob,
} from '../../core/index.js'
import type { EngineConfig } from '../ipc/engine-frames.js'

/** Devices that are taken without further files; CUDA needs a folder of its libraries, which the command line takes. */
const listedDevices: readonly DeviceName[] =
  process.platform === 'win32' ? ['cpu', 'webgpu', 'dml'] : ['cpu', 'webgpu']

/** What graphs run on: as the settings say, or as a run began. */
export class Devices {
  readonly #config: () => Pick<EngineConfig, 'device' | 'deviceMemoryBytes' | 'threads'>
  readonly #now: () => number
  /** What the settings came to, found out once. */
  #chosen: { readonly key: string; readonly device: Promise<Device> } | null = null

  /** @param now milliseconds from any fixed moment */
  constructor(
    config: () => Pick<EngineConfig, 'device' | 'deviceMemoryBytes' | 'threads'>,
    now: () => number,
  ) {
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

  /**
   * The precision of products on a device.
   *
   * @param wanted null for what it is right and faster with
   * @throws EngineError 'not-available' where it does not have what is wanted
   */
  async precisionOn(device: Device, wanted: Precision | null): Promise<Precision> {
    if (wanted === null) return (await choosePrecision(device, this.#now)).precision
    await requirePrecision(wanted, device, this.#now)
    return wanted
  }

  /** How many layers a device takes: as many as the settings give it memory for. */
  layersOn(device: Device): DeviceLayerChoices {
    const { deviceMemoryBytes } = this.#config()
    return device.hasMemory && deviceMemoryBytes !== null ? { deviceMemoryBytes } : {}
  }

  /** What a run began on: only there it goes on with the same bits. @throws EngineError 'device-unavailable', 'not-available' */
  async ofRun(job: Pick<TrainJob, 'device' | 'threads' | 'precision'>): Promise<Device> {
    const known = job.threads ?? this.#config().threads
    const device = await openPresent(job.device, known === null ? {} : { threads: known })
    await requirePrecision(job.precision, device, this.#now)
    return device
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
