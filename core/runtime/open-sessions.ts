import type { Device, Session } from './device.js'

/** Sessions that are opened when they are first needed, and closed together. */
export class OpenSessions<Key> {
  readonly #byDevice = new Map<Device, Map<Key, Promise<Session>>>()

  /** The session of a key on a device, which `open` opens where there is none yet. */
  get(device: Device, key: Key, open: () => Promise<Session>): Promise<Session> {
    const ofDevice = this.#byDevice.get(device) ?? new Map<Key, Promise<Session>>()
    this.#byDevice.set(device, ofDevice)
    const session = ofDevice.get(key) ?? open()
    ofDevice.set(key, session)
    return session
  }

  async close(): Promise<void> {
    const sessions = [...this.#byDevice.values()].flatMap((ofDevice) => [...ofDevice.values()])
    this.#byDevice.clear()
    for (const session of await Promise.all(sessions)) await session.close()
  }
}
