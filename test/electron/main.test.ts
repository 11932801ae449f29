import { describe, expect, it } from 'vitest'
import type { EngineClient } from '../../electron/host/engine-client.js'
import type { Handlers } from '../../electron/ipc/contract.js'
import { guardContents, guardSession } from '../../electron/main/guard-contents.js'
import { modelArgument } from '../../electron/main/model-argument.js'
import { outsideLink } from '../../electron/main/outside-links.js'
import { quitGuard, type QuitAnswer } from '../../electron/main/quit.js'
import { requestAnswerer } from '../../electron/main/request-answerer.js'
import { SleepBlocker } from '../../electron/main/sleep-blocker.js'
import { isTrustedFrame } from '../../electron/main/trusted-sender.js'
import { windowOptions } from '../../electron/main/window-options.js'

describe('requests to the main process', () => {
  const ours = { url: 'app://zerotune/index.html', parent: null }

  it('come from our own page itself', () => {
    expect(isTrustedFrame(ours)).toBe(true)
    expect(isTrustedFrame({ ...ours, parent: {} })).toBe(false)
    expect(isTrustedFrame(null)).toBe(false)
    for (const url of ['app://zerotune.evil/', 'app://zerotune', 'https://zerotune/', 'file:///a', '']) {
      expect(isTrustedFrame({ url, parent: null })).toBe(false)
    }
  })

  it('are refused from any other sender before anything looks at them', async () => {
    const asked: string[] = []
    const engine: Pick<EngineClient, 'request'> = {
      request: (name) => {
        asked.push(name)
        return Promise.resolve({ ok: true, value: null })
      },
    }
    const answer = requestAnswerer({ engine, handlers: {} as Handlers<'host'>, checksOutput: true })
    expect(await answer(null, 'run.list', null)).toMatchObject({
      ok: false,
      error: { code: 'request-invalid' },
    })
    expect(asked).toEqual([])
    await answer(ours, 'run.list', null)
    expect(asked).toEqual(['run.list'])
    expect(await answer(ours, 'no.such', null)).toMatchObject({ ok: false })
    expect(await answer(ours, { toString: () => 'run.list' }, null)).toMatchObject({ ok: false })
    expect(asked).toEqual(['run.list'])
  })
})

describe('the window', () => {
  it('gives its page no power', () => {
    const { webPreferences } = windowOptions({ preloadPath: '/p.cjs', isDark: true, hasDevTools: false })
    expect(webPreferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      devTools: false,
    })
  })

  it('stays where it is, and opens only known pages outside', () => {
    const { denied, opened, openWindow } = guarded(false)
    expect(denied()).toEqual(['will-attach-webview', 'will-navigate', 'will-redirect'])
    expect(openWindow('https://evil.example/')).toEqual({ action: 'deny' })
    expect(openWindow('https://huggingface.co/models')).toEqual({ action: 'deny' })
    expect(opened).toEqual(['https://huggingface.co/models'])
  })

  it('opens nothing outside while the network is switched off', () => {
    const { opened, openWindow } = guarded(true)
    openWindow('https://huggingface.co/models')
    expect(opened).toEqual([])
  })

  it('has no permission but to copy text, and reaches no other computer', () => {
    const asked: [string, boolean][] = []
    const cancelled: string[] = []
    type GuardedSession = Parameters<typeof guardSession>[0]
    const session = {
      setPermissionRequestHandler: (
        handler: (contents: null, permission: string, decide: (is: boolean) => void) => void,
      ) => {
        for (const permission of ['media', 'geolocation', 'clipboard-read', 'clipboard-sanitized-write']) {
          handler(null, permission, (is) => asked.push([permission, is]))
        }
      },
      setPermissionCheckHandler: () => undefined,
      webRequest: {
        onBeforeRequest: (
          listener: (details: { url: string }, decide: (is: { cancel: boolean }) => void) => void,
        ) => {
          for (const url of [
            'app://zerotune/a.js',
            'https://huggingface.co/',
            'http://127.0.0.1/',
            'file:///etc/passwd',
          ]) {
            listener({ url }, ({ cancel }) => cancel && cancelled.push(url))
          }
        },
      },
    } as unknown as GuardedSession
    guardSession(session)
    expect(asked.filter(([, is]) => is)).toEqual([['clipboard-sanitized-write', true]])
    expect(cancelled).toEqual(['https://huggingface.co/', 'http://127.0.0.1/', 'file:///etc/passwd'])
  })
})

describe('links to outside', () => {
  it.each([
    'http://huggingface.co/',
    'https://huggingface.co.evil.example/',
    'https://name:secret@huggingface.co/',
    'https://huggingface.co:8443/',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'nonsense',
  ])('do not include %s', (address) => expect(outsideLink(address, false)).toBeNull())
})

describe('quitting', () => {
  it('goes on at once where no run goes, after the engine has closed', async () => {
    const { mayQuit, log } = guard(null, 'stop')
    expect(mayQuit()).toBe(false)
    await settled()
    expect(log).toEqual(['closed', 'quit'])
    expect(mayQuit()).toBe(true)
  })

  it('asks while a run goes, once, and stops it', async () => {
    const { mayQuit, log } = guard('run', 'stop')
    expect([mayQuit(), mayQuit()]).toEqual([false, false])
    await settled()
    expect(log).toEqual(['asked', 'closed', 'quit'])
  })

  it('stays open where the person says so, and asks again the next time', async () => {
    const { mayQuit, log } = guard('run', 'cancel')
    mayQuit()
    await settled()
    mayQuit()
    await settled()
    expect(log).toEqual(['asked', 'asked'])
  })
})

describe('the computer', () => {
  it('stays awake while a run steps, and only then', () => {
    const held = new Set<number>()
    const blocker = new SleepBlocker({
      start: () => {
        held.add(held.size + 1)
        return held.size
      },
      stop: (id) => held.delete(id),
    })
    blocker.note({ state: 'running' })
    blocker.note({ state: 'running' })
    expect(held.size).toBe(1)
    blocker.note({ state: 'paused' })
    expect(held.size).toBe(0)
    blocker.note({ state: 'running' })
    blocker.note({ state: 'done' })
    expect(held.size).toBe(0)
  })
})

describe('a start with a file', () => {
  it('finds the model among the arguments', () => {
    expect(modelArgument(['zerotune', '--flag', '/a/Model.GGUF'])).toBe('/a/Model.GGUF')
    expect(modelArgument(['/a/zerotune.gguf'])).toBeNull()
  })
})

function guarded(isOffline: boolean) {
  const listeners = new Map<string, (event: { preventDefault: () => void }) => void>()
  const opened: string[] = []
  let openWindow: (details: { url: string }) => { action: string } = () => ({ action: 'allow' })
  type Contents = Parameters<typeof guardContents>[0]
  const contents = {
    on: (name: string, listener: (event: { preventDefault: () => void }) => void) =>
      listeners.set(name, listener),
    setWindowOpenHandler: (handler: typeof openWindow) => {
      openWindow = handler
    },
  } as unknown as Contents
  const openExternal = (url: string): Promise<void> => {
    opened.push(url)
    return Promise.resolve()
  }
  guardContents(contents, { shell: { openExternal }, isOffline: () => isOffline })
  return {
    opened,
    openWindow: (url: string) => openWindow({ url }),
    denied: () =>
      [...listeners]
        .filter(([name, listener]) => {
          const prevented: string[] = []
          listener({ preventDefault: () => prevented.push(name) })
          return prevented.length > 0
        })
        .map(([name]) => name)
        .sort(),
  }
}

function guard(runId: string | null, answer: QuitAnswer) {
  const log: string[] = []
  const mayQuit = quitGuard({
    runId: () => runId,
    ask: () => {
      log.push('asked')
      return Promise.resolve(answer)
    },
    closeEngine: () => {
      log.push('closed')
      return Promise.resolve()
    },
    quit: () => log.push('quit'),
  })
  return { mayQuit, log }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
