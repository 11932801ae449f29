import type { Bridge } from '../../../electron/ipc/contract.js'
import { type ConnectionState, openWebSocketBridge } from './web-socket-bridge.js'

export type { ConnectionState }

/** The bridge that Electron's preload script made, or else one over a WebSocket to the server of this page. */
export async function findBridge(onState: (state: ConnectionState) => void): Promise<Bridge> {
  if (window.bridge !== undefined) return window.bridge
  const address = new URL(location.href)
  const token = takeToken(address)
  return openWebSocketBridge({
    url: `ws://${address.host}/socket`,
    token,
    storage: sessionStorage,
    onState,
  })
}

/** The token of `#token=…`, which is good for one use: it is taken out of the address at once. */
function takeToken(address: URL): string | null {
  const token = /^#token=([\w-]+)$/.exec(address.hash)?.[1] ?? null
  if (token !== null) history.replaceState(null, '', address.pathname)
  return token
}
