import { describe, expect, it } from 'vitest'
import type { EngineChild, EngineExit } from '../../electron/host/engine-child.js'
import { EngineClient } from '../../electron/host/engine-client.js'
import type { HostFrame } from '../../electron/ipc/engine-frames.js'
import { protocolVersion } from '../../electron/ipc/frames.js'
import { testConfig } from '../support/engine-over-channel.js'

describe("the host's view of its engine", () => {
  it('settles every question when the process dies, and says why', async () => {
    const { client, children } = host()
    await started(client, children)
    const replies = [client.request('run.list', null), client.request('run.current', null)]
    await settled()
    children[0].end({ code: null, signal: 'SIGKILL', lastWords: '' })
    for (const reply of await Promise.all(replies)) {
      expect(reply).toMatchObject({ ok: false, error: { code: 'engine-gone', details: { cause: 'killed' } } })
    }
    expect(client.state).toMatchObject({ state: 'gone', cause: 'killed' })
    expect(await client.request('run.list', null)).toMatchObject({
      ok: false,
      error: { code: 'engine-gone' },
    })
  })

  it.each<[string, EngineExit, string]>([
    [
      'no memory',
      { code: 134, signal: 'SIGABRT', lastWords: 'JavaScript heap out of memory' },
      'out-of-memory',
    ],
    ['a crash', { code: 1, signal: null, lastWords: 'TypeError' }, 'crashed'],
    ['an end without a fault', { code: 0, signal: null, lastWords: '' }, 'ended'],
  ])('tells %s apart', async (_, exit, cause) => {
    const { client, children } = host()
    await started(client, children)
    children[0].end(exit)
    expect(client.state).toMatchObject({ state: 'gone', cause })
  })

  it('names the run that was lost with the process', async () => {
    const { client, children } = host()
    await started(client, children)
    children[0].say({ type: 'event', name: 'run.changed', payload: { runId: 'mine', state: 'running' } })
    children[0].end({ code: 1, signal: null, lastWords: 'oh' })
    expect(client.state).toEqual({ state: 'gone', cause: 'crashed', runId: 'mine', detail: 'oh' })
  })

  it('starts another process only when it is asked to', async () => {
    const { client, children } = host()
    await started(client, children)
    children[0].end({ code: 1, signal: null, lastWords: '' })
    await settled()
    expect(children).toHaveLength(1)
    await started(client, children)
    expect(children).toHaveLength(2)
    expect(client.state).toEqual({ state: 'ready' })
  })

  it('says that a process which never became ready did not start', async () => {
    const { client, children } = host()
    const starting = client.start()
    children[0].end({ code: 1, signal: null, lastWords: 'no such library' })
    expect(await starting).toMatchObject({ state: 'gone', cause: 'not-started', detail: 'no such library' })
  })

  it('is busy without a beat, and ready again with one', async () => {
    const { client, children, clock, told } = host()
    await started(client, children)
    clock.ms += 5000
    client.watch()
    expect(client.state).toEqual({ state: 'busy' })
    children[0].say({ type: 'beat' })
    client.watch()
    expect(client.state).toEqual({ state: 'ready' })
    expect(told.filter((name) => name === 'engine.changed')).toHaveLength(3)
  })

  it('refuses an engine of another protocol', async () => {
    const { client, children } = host()
    const starting = client.start()
    children[0].say({ type: 'hello', version: protocolVersion + 1 })
    expect(await starting).toMatchObject({ state: 'gone' })
  })
})

/** Stands for a process at our own interface. */
class FakeChild implements EngineChild {
  readonly sent: HostFrame[] = []
  #listen: (frame: unknown) => void = () => undefined
  #exit: (exit: EngineExit) => void = () => undefined

  send(frame: HostFrame): void {
    this.sent.push(frame)
  }

  onFrame(listener: (frame: unknown) => void): void {
    this.#listen = listener
  }

  onExit(listener: (exit: EngineExit) => void): void {
    this.#exit = listener
  }

  kill(): void {
    this.end({ code: null, signal: 'SIGKILL', lastWords: '' })
  }

  say(frame: unknown): void {
    this.#listen(frame)
  }

  end(exit: EngineExit): void {
    this.#exit(exit)
  }
}

function host() {
  const children: FakeChild[] = []
  const told: string[] = []
  const clock = { ms: 0 }
  const client = new EngineClient({
    fork: () => {
      const child = new FakeChild()
      children.push(child)
      return child
    },
    config: () => testConfig('/tmp'),
    tell: (name) => told.push(name),
    now: () => clock.ms,
  })
  return { client, children, told, clock }
}

async function started(client: EngineClient, children: readonly FakeChild[]): Promise<void> {
  const starting = client.start()
  const child = children[children.length - 1]
  child.say({ type: 'hello', version: protocolVersion })
  child.say({ type: 'ready' })
  await starting
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
