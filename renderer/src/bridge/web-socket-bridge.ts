import type { ErrorData } from '../../../core/schema/errors.js'
import type { Bridge, EventName, Reply } from '../../../electron/ipc/contract.js'
import type { ClientFrame, protocolVersion, Refusal, ServerFrame } from '../../../electron/ipc/frames.js'

/** Whether the page can speak to its host. */
export type ConnectionState = 'connected' | 'lost' | Refusal

/** What the bridge needs of a browser's window. */
export interface WebSocketBridgeOptions {
  /** Of the socket, such as `ws://127.0.0.1:41873/socket`. */
  readonly url: string
  /** The one-time token of the address; null after a reload. */
  readonly token: string | null
  /** Keeps the session's secret over a reload of this tab. */
  readonly storage: Pick<Storage, 'getItem' | 'setItem'>
  readonly onState: (state: ConnectionState) => void
}

// A literal, checked by its type: the frames' module itself would bring the schema library into the page.
const version: typeof protocolVersion = 1
const sessionKey = 'zerotune-session'

const connectionLost: ErrorData = {
  code: 'engine-gone',
  details: { cause: 'connection' },
  message: 'the connection to the host is lost',
}

/** The bridge of the browser host: the same contract over a WebSocket on loopback. Resolves once the host let us in. */
export async function openWebSocketBridge(options: WebSocketBridgeOptions): Promise<Bridge> {
  const { url, token, storage, onState } = options
  const socket = new WebSocket(url)
  const waiting = new Map<number, (reply: Reply) => void>()
  const listeners = new Map<EventName, Set<(payload: never) => void>>()
  let lastId = 0
  let isRefused = false

  const send = (frame: ClientFrame) => socket.send(JSON.stringify(frame))

  const welcomed = new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => {
      send({ type: 'hello', version, token, session: storage.getItem(sessionKey) })
    })
    socket.addEventListener('message', ({ data }) => {
      const frame = JSON.parse(String(data)) as ServerFrame
      switch (frame.type) {
        case 'welcome':
          storage.setItem(sessionKey, frame.session)
          onState('connected')
          resolve()
          return
        case 'refused':
          isRefused = true
          onState(frame.reason)
          reject(new Error(`refused: ${frame.reason}`))
          return
        case 'reply':
          waiting.get(frame.id)?.(frame.reply)
          waiting.delete(frame.id)
          return
        case 'event':
          for (const listener of listeners.get(frame.name) ?? []) listener(frame.payload as never)
      }
    })
    socket.addEventListener('close', () => {
      // A reply that never comes would leave the page waiting for ever.
      for (const settle of waiting.values()) settle({ ok: false, error: connectionLost })
      waiting.clear()
      if (!isRefused) onState('lost')
      reject(new Error('closed'))
    })
  })
  await welcomed

  return {
    request: (name, input) =>
      new Promise((resolve) => {
        if (socket.readyState !== WebSocket.OPEN) {
          resolve({ ok: false, error: connectionLost })
          return
        }
        const id = ++lastId
        waiting.set(id, resolve as (reply: Reply) => void)
        send({ type: 'request', id, name, input })
      }),
    listen: (name, listener) => {
      const set = listeners.get(name) ?? new Set()
      listeners.set(name, set.add(listener))
      return () => set.delete(listener)
    },
  }
}
