import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Reply, Tell } from '../ipc/contract.js'
import {
  clientFrame,
  longestFrameBytes,
  protocolVersion,
  type Refusal,
  type ServerFrame,
} from '../ipc/frames.js'
import type { PageSessions } from './page-sessions.js'
import { hasOwnOrigin } from './trusted-request.js'

export interface PageLineOptions {
  readonly server: Server
  readonly sessions: PageSessions
  /** Answers a request of the contract. Never throws. */
  readonly answer: (name: string, input: unknown) => Promise<Reply>
}

/** Time that a page has to say who it is. */
const helloLimitMs = 10_000
/** What a WebSocket may end with for breaking a rule. */
const policyViolation = 1008

/** The line to the page: one window at a time; its requests are answered, and events are told to it. */
export class PageLine {
  readonly #options: PageLineOptions
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: longestFrameBytes })
  #window: WebSocket | null = null

  constructor(options: PageLineOptions) {
    this.#options = options
    options.server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  /** Tells the window something; without one it is not kept, because the page asks for the state when it comes. */
  readonly tell: Tell = (name, payload) => {
    if (this.#window !== null) send(this.#window, { type: 'event', name, payload })
  }

  close(): void {
    this.#window?.terminate()
    this.#sockets.close()
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!hasOwnOrigin(request.headers)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n')
      return
    }
    this.#sockets.handleUpgrade(request, socket, head, (page) => this.#meet(page))
  }

  #meet(page: WebSocket): void {
    const timer = setTimeout(() => refuse(page, 'malformed'), helloLimitMs)
    // A socket that fails is closed by itself; the close is what counts.
    page.on('error', () => undefined)
    page.on('close', () => {
      clearTimeout(timer)
      if (this.#window !== page) return
      this.#window = null
      this.#options.sessions.leave()
    })
    page.on('message', (data: Buffer, isBinary: boolean) => {
      const frame = clientFrame.safeParse(isBinary ? null : parseJson(data.toString('utf8')))
      if (!frame.success) {
        refuse(page, 'malformed')
        return
      }
      if (frame.data.type === 'hello') {
        clearTimeout(timer)
        this.#greet(page, frame.data)
        return
      }
      if (this.#window !== page) {
        refuse(page, 'wrong-token')
        return
      }
      const { id, name, input } = frame.data
      void this.#options.answer(name, input).then((reply) => send(page, { type: 'reply', id, reply }))
    })
  }

  #greet(page: WebSocket, hello: { version: number; token: string | null; session: string | null }): void {
    if (hello.version !== protocolVersion) {
      refuse(page, 'wrong-version')
      return
    }
    const entered = this.#options.sessions.enter(hello)
    if ('refusal' in entered) {
      refuse(page, entered.refusal)
      return
    }
    const before = this.#window
    this.#window = page
    // A copy of the window has the same secret: the newest one has the session.
    if (before !== null && before !== page) refuse(before, 'session-elsewhere')
    send(page, { type: 'welcome', version: protocolVersion, session: entered.session })
  }
}

function send(page: WebSocket, frame: ServerFrame): void {
  if (page.readyState === page.OPEN) page.send(JSON.stringify(frame))
}

function refuse(page: WebSocket, reason: Refusal): void {
  send(page, { type: 'refused', reason })
  page.close(policyViolation, reason)
}

/** Null where it is no JSON; no frame is null. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
