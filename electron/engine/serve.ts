import { EngineError } from '../../core/index.js'
import { answer } from '../ipc/answer.js'
import type { Tell } from '../ipc/contract.js'
import { hostFrame, type EngineConfig, type EngineFrame, type HostFrame } from '../ipc/engine-frames.js'
import { protocolVersion } from '../ipc/frames.js'
import type { Engine } from './engine.js'
import type { Port } from './port.js'
import { withoutHome } from './without-home.js'

export interface ServeOptions {
  readonly port: Port
  /** Makes the engine once its host has said how. */
  readonly create: (config: EngineConfig, tell: Tell) => Engine
  /** Ends the process. */
  readonly end: () => void
}

/** Answers the host over a port: questions in, answers and events out, each question exactly once. */
export function serve({ port, create, end }: ServeOptions): void {
  let engine: Engine | null = null
  const send = (frame: EngineFrame): void => port.send(frame)
  const shown = <T>(value: T): T => withoutHome(value, engine?.config().homeFolder ?? '') as T
  const tell: Tell = (name, payload) => send({ type: 'event', name, payload: shown(payload) })

  async function handle(frame: HostFrame): Promise<void> {
    if (frame.type === 'configure') {
      if (engine === null) engine = create(frame.config, tell)
      else engine.configure(frame.config)
      send({ type: 'ready' })
      return
    }
    if (frame.type === 'close') {
      await engine?.close()
      end()
      return
    }
    const { id } = frame
    if (engine === null) throw new Error('the engine was asked before it was configured')
    if (frame.type === 'locate') {
      const { what, name } = frame
      send({ type: 'reply', id, reply: located(engine, what, name) })
      return
    }
    const { checksOutput } = engine.config()
    send({
      type: 'reply',
      id,
      reply: shown(await answer(engine.handlers, frame.name, frame.input, { checksOutput })),
    })
  }

  port.receive((value) => {
    const parsed = hostFrame.safeParse(value)
    // Only the host can send here: what it does not know is a fault of ours, and a crash says so.
    if (!parsed.success) throw new Error(`not a frame of the host: ${parsed.error.message}`)
    void handle(parsed.data)
  })
  send({ type: 'hello', version: protocolVersion })
}

function located(engine: Engine, what: 'export' | 'folder', name: string) {
  try {
    return { ok: true as const, value: engine.locate(what, name) }
  } catch (thrown) {
    return { ok: false as const, error: EngineError.from(thrown).toData() }
  }
}
