import { EngineError } from '../../core/schema/engine-error.js'
import type { EngineState } from '../ipc/app.js'
import type { EventName, EventPayload, Reply, Tell } from '../ipc/contract.js'
import type { EngineConfig, EngineFrame, HostFrame } from '../ipc/engine-frames.js'
import { protocolVersion } from '../ipc/frames.js'
import type { EngineChild, EngineExit } from './engine-child.js'
import { goneCause } from './gone-cause.js'

export interface EngineClientOptions {
  readonly fork: () => EngineChild
  readonly config: () => EngineConfig
  /** Where the engine's events go, and those about the engine. */
  readonly tell: Tell
  /** Milliseconds from any fixed moment. */
  readonly now: () => number
}

/** Without a beat for so long, the engine is inside one long computation. */
const busyAfterMs = 3000
/** States in which a run is lost with its process. */
const goingStates: ReadonlySet<string> = new Set(['preparing', 'running', 'pausing', 'paused', 'stopping'])

/**
 * The engine, seen from its host: asked, watched, and started again when a person asks for it, never by itself. Every
 * question is settled exactly once, by a reply or by the end of the process.
 */
export class EngineClient {
  readonly #options: EngineClientOptions
  readonly #pending = new Map<number, (reply: Reply) => void>()
  #child: EngineChild | null = null
  #state: EngineState = { state: 'starting' }
  #nextId = 0
  #lastBeat = 0
  #runId: string | null = null
  #isReady: { readonly promise: Promise<void>; readonly resolve: () => void } = signal()
  #hasEnded: { readonly promise: Promise<void>; readonly resolve: () => void } = signal()

  constructor(options: EngineClientOptions) {
    this.#options = options
  }

  get state(): EngineState {
    return this.#state
  }

  /** The run that goes on, or null. */
  get runId(): string | null {
    return this.#runId
  }

  /** Starts a process where there is none, and waits until it is ready or gone. */
  async start(): Promise<EngineState> {
    if (this.#child === null) this.#fork()
    await this.#isReady.promise
    return this.#state
  }

  /** Asks a request of the contract. Never throws. */
  request(name: string, input: unknown): Promise<Reply> {
    return this.#ask((id) => ({ type: 'request', id, name, input }))
  }

  /** Asks where something is, for this process alone. */
  locate(what: 'export' | 'folder', name: string): Promise<Reply> {
    return this.#ask((id) => ({ type: 'locate', id, what, name }))
  }

  /** Tells the engine what the settings say now. */
  configure(): void {
    this.#child?.send({ type: 'configure', config: this.#options.config() })
  }

  /** Looks at the engine's beats; call it about once a second. */
  watch(): void {
    if (this.#child === null || this.#state.state === 'starting') return
    const isSilent = this.#options.now() - this.#lastBeat > busyAfterMs
    this.#become({ state: isSilent ? 'busy' : 'ready' })
  }

  /** Lets the run stop and be kept, then ends the process; after `limitMs` it is killed, and what it wrote is kept. */
  async close(limitMs: number): Promise<void> {
    const child = this.#child
    if (child === null) return
    child.send({ type: 'close' })
    const timer = setTimeout(() => child.kill(), limitMs)
    await this.#hasEnded.promise
    clearTimeout(timer)
  }

  /** Ends the process at once. */
  async forceStop(): Promise<EngineState> {
    if (this.#child !== null) {
      this.#child.kill()
      await this.#hasEnded.promise
    }
    return this.#state
  }

  #fork(): void {
    this.#isReady = signal()
    this.#hasEnded = signal()
    this.#become({ state: 'starting' })
    const child = this.#options.fork()
    this.#child = child
    child.onFrame((frame) => this.#receive(frame as EngineFrame))
    child.onExit((exit) => this.#end(exit))
  }

  #ask(frame: (id: number) => HostFrame): Promise<Reply> {
    const child = this.#child
    if (child === null) return Promise.resolve(this.#goneReply())
    const id = this.#nextId++
    return new Promise((resolve) => {
      this.#pending.set(id, resolve)
      // A process takes messages only once it runs.
      void this.#isReady.promise.then(() => {
        if (this.#child === child) child.send(frame(id))
      })
    })
  }

  #receive(frame: EngineFrame): void {
    this.#lastBeat = this.#options.now()
    switch (frame.type) {
      case 'hello':
        if (frame.version === protocolVersion) this.configure()
        else this.#child?.kill()
        break
      case 'ready':
        if (this.#state.state === 'starting') this.#become({ state: 'ready' })
        this.#isReady.resolve()
        break
      case 'reply': {
        const settle = this.#pending.get(frame.id)
        this.#pending.delete(frame.id)
        settle?.(frame.reply)
        break
      }
      case 'event':
        this.#pass(frame.name, frame.payload)
        break
      case 'beat':
    }
  }

  #pass(name: EventName, payload: unknown): void {
    if (name === 'run.changed') {
      const { runId, state } = payload as EventPayload<'run.changed'>
      if (goingStates.has(state)) this.#runId = runId
      else if (this.#runId === runId) this.#runId = null
    }
    this.#options.tell(name, payload as EventPayload<typeof name>)
  }

  #end(exit: EngineExit): void {
    const wasStarting = this.#state.state === 'starting'
    this.#child = null
    this.#become({
      state: 'gone',
      cause: wasStarting ? 'not-started' : goneCause(exit),
      runId: this.#runId,
      detail: exit.lastWords,
    })
    this.#runId = null
    const pending = [...this.#pending.values()]
    this.#pending.clear()
    for (const settle of pending) settle(this.#goneReply())
    this.#isReady.resolve()
    this.#hasEnded.resolve()
  }

  #goneReply(): Reply {
    const cause = this.#state.state === 'gone' ? this.#state.cause : 'not-started'
    const message = `the engine's process is gone (${cause}); what it wrote is kept`
    return { ok: false, error: new EngineError('engine-gone', { cause }, message).toData() }
  }

  #become(state: EngineState): void {
    const isNews = state.state !== this.#state.state
    this.#state = state
    if (isNews) this.#options.tell('engine.changed', state)
  }
}

/** A promise that is kept from outside. */
function signal(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined
  const promise = new Promise<void>((keep) => {
    resolve = keep
  })
  return { promise, resolve }
}
