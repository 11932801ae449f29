import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { onTestFinished } from 'vitest'
import { createEngine } from '../../electron/engine/engine.js'
import type { Port } from '../../electron/engine/port.js'
import { serve } from '../../electron/engine/serve.js'
import type { EngineConfig, EngineFrame } from '../../electron/ipc/engine-frames.js'
import type { Reply, RequestName, RequestOutput } from '../../electron/ipc/contract.js'
import { temporaryFolder } from './temporary-folder.js'

/** A real engine at the other end of a message channel. */
export interface EngineOverChannel {
  readonly folder: string
  readonly frames: readonly EngineFrame[]
  send(frame: unknown): void
  ask<N extends RequestName>(name: N, input: unknown): Promise<Reply<RequestOutput<N>>>
}

/** What a host would say, with everything in a folder of the test. */
export function testConfig(folder: string): EngineConfig {
  return {
    stateFolder: folder,
    homeFolder: folder,
    libraries: { ollama: null, lmStudio: [], huggingFace: null },
    modelsFolder: join(folder, 'models'),
    hubEndpoint: null,
    hubToken: null,
    searchPath: '',
    threads: 1,
    device: 'cpu',
    deviceMemoryBytes: null,
    isOffline: true,
    looksInLibraries: true,
    runsFolder: null,
    exportsFolder: null,
    hostName: 'test',
    checksOutput: true,
  }
}

/** Serves an engine over a message channel until the test ends. */
export function engineOverChannel(changes: Partial<EngineConfig> = {}): EngineOverChannel {
  const folder = changes.stateFolder ?? temporaryFolder()
  const { port1, port2 } = new MessageChannel()
  const port: Port = {
    send: (frame) => port2.postMessage(frame),
    receive: (listener) => port2.on('message', listener),
  }
  const frames: EngineFrame[] = []
  const waiting = new Map<number, (reply: Reply<never>) => void>()
  port1.on('message', (frame: EngineFrame) => {
    frames.push(frame)
    if (frame.type === 'reply') waiting.get(frame.id)?.(frame.reply as Reply<never>)
  })
  serve({
    port,
    create: (config, tell) =>
      createEngine({ config, tell, now: () => performance.now(), today: () => new Date(0) }),
    end: () => port2.close(),
  })
  onTestFinished(() => port1.close())
  const send = (frame: unknown): void => port1.postMessage(frame)
  send({ type: 'configure', config: { ...testConfig(folder), ...changes } })
  let nextId = 0
  return {
    folder,
    frames,
    send,
    ask: (name, input) =>
      new Promise((resolve) => {
        const id = nextId++
        waiting.set(id, resolve)
        send({ type: 'request', id, name, input })
      }),
  }
}
