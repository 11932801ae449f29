import { describe, expect, it, vi } from 'vitest'
import { eventChannel, requestChannel } from '../../electron/ipc/channels.js'

type Listener = (event: unknown, name: unknown, payload: unknown) => void
interface Exposed {
  request(name: string, input: unknown): Promise<unknown>
  listen(name: string, listener: (...told: unknown[]) => void): () => void
}

describe('the preload script', () => {
  it('gives the page three functions, on two channels, and never the event itself', async () => {
    const exposed: Record<string, Exposed> = {}
    const listeners = new Map<string, Listener[]>()
    const invoked: unknown[][] = []
    vi.doMock('electron', () => ({
      contextBridge: { exposeInMainWorld: (name: string, value: Exposed) => (exposed[name] = value) },
      ipcRenderer: {
        invoke: (...sent: unknown[]) => Promise.resolve(invoked.push(sent)),
        on: (channel: string, listener: Listener) =>
          listeners.set(channel, [...(listeners.get(channel) ?? []), listener]),
        off: (channel: string, listener: Listener) =>
          listeners.set(
            channel,
            (listeners.get(channel) ?? []).filter((each) => each !== listener),
          ),
      },
      webUtils: { getPathForFile: () => '/a' },
    }))
    await import('../../electron/preload/index.js')
    vi.doUnmock('electron')

    expect(Object.keys(exposed)).toEqual(['bridge'])
    const { bridge } = exposed
    expect(Object.keys(bridge).toSorted()).toEqual(['listen', 'pathOf', 'request'])
    await bridge.request('any-channel', { a: 1 })
    expect(invoked).toEqual([[requestChannel, 'any-channel', { a: 1 }]])

    const told: unknown[][] = []
    const stop = bridge.listen('run.changed', (...args) => told.push(args))
    expect([...listeners.keys()]).toEqual([eventChannel])
    const tell = (name: string): void => {
      for (const listener of listeners.get(eventChannel) ?? [])
        listener({ sender: 'secret' }, name, 'payload')
    }
    tell('run.changed')
    tell('run.progress')
    stop()
    tell('run.changed')
    expect(told).toEqual([['payload']])
  })
})
