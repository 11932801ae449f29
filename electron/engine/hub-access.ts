import { readEndpoint, systemClock, type Clock, type Hub } from '../../core/index.js'
import type { EngineConfig } from '../ipc/engine-frames.js'

/**
 * The hub as the host's settings reach it: they are looked at again for each request, so that switching the network off holds at
 * once.
 *
 * @throws EngineError 'request-invalid' for an address that is none
 */
export function hubAccess(config: () => EngineConfig, clock: Clock = systemClock): Hub {
  const { hubEndpoint, hubToken } = config()
  return {
    endpoint: readEndpoint(hubEndpoint ?? undefined),
    token: hubToken,
    isOffline: () => config().isOffline,
    send: (address, options) => fetch(address, options),
    clock,
  }
}
