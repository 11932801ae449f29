import type { Device } from '../core/runtime/device.js'

/** A device, and how long its graphs have run. */
export interface TimedDevice {
  readonly device: Device
  /** Milliseconds inside `run` since the last call. */
  readonly takeMs: () => number
}

/** The same device with a clock on its graphs: what a step takes beyond that is our own code. */
export function timedDevice(device: Device): TimedDevice {
  let spentMs = 0
  return {
    device: {
      ...device,
      open: async (graph, options) => {
        const session = await device.open(graph, options)
        return {
          run: async (inputs, outputs) => {
            const started = performance.now()
            try {
              return await session.run(inputs, outputs)
            } finally {
              spentMs += performance.now() - started
            }
          },
          close: () => session.close(),
        }
      },
    },
    takeMs: () => {
      const taken = spentMs
      spentMs = 0
      return taken
    },
  }
}
