import WebSocket from 'ws'
import type {
  EventName,
  EventPayload,
  Reply,
  RequestInput,
  RequestName,
  RequestOutput,
} from '../../electron/ipc/contract.js'
import { protocolVersion, type ServerFrame } from '../../electron/ipc/frames.js'

/** How a page says who it is; what is left out is as a right page would have it. */
export interface PageClientOptions {
  readonly token?: string | null
  readonly session?: string | null
  readonly origin?: string
  readonly host?: string
}

/** A page of the browser host, without a browser: it speaks the same frames. */
export class PageClient {
  readonly events: { readonly name: EventName; readonly payload: unknown }[] = []
  /** Secret of the session, once it was let in. */
  session = ''
  /** Settles with the reason for which the host closed the line. */
  readonly closed: Promise<string>
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, (reply: Reply<never>) => void>()
  readonly #watchers = new Set<(name: EventName, payload: unknown) => void>()
  #nextId = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    this.closed = new Promise((resolve) => socket.once('close', (_, reason) => resolve(reason.toString())))
  }

  /** Opens a line to the host at `address`. Fails where the server itself refuses it. */
  static open(address: string, options: PageClientOptions = {}): Promise<PageClient> {
    const { host, origin, hash } = new URL(address)
    const headers = options.host === undefined ? {} : { Host: options.host }
    const socket = new WebSocket(`ws://${host}/`, { origin: options.origin ?? origin, headers })
    const client = new PageClient(socket)
    return new Promise((resolve, reject) => {
      socket.once('error', reject)
      socket.once('close', (_, reason) => reject(new Error(reason.toString())))
      socket.on('message', (data: Buffer) => {
        const frame = JSON.parse(data.toString()) as ServerFrame
        client.#receive(frame)
        if (frame.type === 'welcome') resolve(client)
      })
      socket.once('open', () => {
        const { token = hash.slice('#token='.length), session = null } = options
        client.send({ type: 'hello', version: protocolVersion, token, session })
      })
    })
  }

  send(frame: unknown): void {
    this.#socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }

  /** Asks, and takes what comes as it is. */
  reply<N extends RequestName>(name: N, input: unknown): Promise<Reply<RequestOutput<N>>> {
    const id = this.#nextId++
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      this.send({ type: 'request', id, name, input })
    })
  }

  /** Asks for something that should succeed. */
  async ask<N extends RequestName>(name: N, input: RequestInput<N>): Promise<RequestOutput<N>> {
    const reply = await this.reply(name, input)
    if (reply.ok) return reply.value
    throw new Error(`${name}: ${reply.error.code}: ${reply.error.message}`)
  }

  /** The next event of a name that is as wanted. */
  next<N extends EventName>(
    name: N,
    isWanted: (payload: EventPayload<N>) => boolean,
  ): Promise<EventPayload<N>> {
    return new Promise((resolve) => {
      const watch = (told: EventName, payload: unknown): void => {
        if (told !== name || !isWanted(payload as EventPayload<N>)) return
        this.#watchers.delete(watch)
        resolve(payload as EventPayload<N>)
      }
      this.#watchers.add(watch)
    })
  }

  close(): void {
    this.#socket.close()
  }

  #receive(frame: ServerFrame): void {
    if (frame.type === 'welcome') this.session = frame.session
    if (frame.type === 'reply') this.#waiting.get(frame.id)?.(frame.reply as Reply<never>)
    if (frame.type !== 'event') return
    this.events.push(frame)
    for (const watch of [...this.#watchers]) watch(frame.name, frame.payload)
  }
}
