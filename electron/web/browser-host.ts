import { existsSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { EngineError } from '../../core/schema/engine-error.js'
import { requestInvalid } from '../../core/schema/request-invalid.js'
import { engineEnvironment, stateFolder } from '../host/app-folders.js'
import type { EngineClient } from '../host/engine-client.js'
import { openHost } from '../host/open-host.js'
import { answer, isRequestName } from '../ipc/answer.js'
import { requests, type Reply, type Tell } from '../ipc/contract.js'
import { forkEngine } from './fork-engine.js'
import { PageLine } from './page-line.js'
import { createPageServer } from './page-server.js'
import { PageSessions } from './page-sessions.js'
import { webHandlers } from './web-handlers.js'

export interface BrowserHostOptions {
  /** 0 for any that is free. */
  readonly port: number
  /** The built page. */
  readonly pageFolder: string
  /** The engine's program. */
  readonly enginePath: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  readonly homeFolder: string
  /** Whether answers are compared with the contract. */
  readonly checksOutput: boolean
}

/** A running browser host. */
export interface BrowserHost {
  /** With the token: whoever has it first has the app. */
  readonly address: string
  readonly engine: EngineClient
  /** Stops and keeps the run, then ends everything. */
  close(): Promise<void>
}

const watchEveryMs = 1000
/** Time for the run to stop and be kept. */
const closeLimitMs = 30_000

/**
 * Serves the app to a browser on this computer.
 *
 * @throws EngineError 'not-available' where the page was not built, 'request-invalid' for a port in use
 */
export async function openBrowserHost(options: BrowserHostOptions): Promise<BrowserHost> {
  const { port, pageFolder, environment, platform, homeFolder, checksOutput } = options
  requirePage(pageFolder)
  const sessions = new PageSessions({ now: () => performance.now() })
  const tell: Tell = (name, payload) => line.tell(name, payload)
  const { engine, settings, wizard, token } = openHost({
    stateFolder: stateFolder(environment, platform, homeFolder),
    homeFolder,
    platform,
    environment,
    // A browser's host has no key of the system's: a token is kept until it ends.
    safe: null,
    hostName: `browser host, Node ${process.version}`,
    checksOutput,
    fork: () => forkEngine(options.enginePath, engineEnvironment(environment)),
    tell,
  })
  const handlers = webHandlers({ host: 'browser', platform, engine, settings, wizard, token, tell })
  const answerRequest = (name: string, input: unknown): Promise<Reply> =>
    isRequestName(name) && requests[name].answeredBy === 'engine'
      ? engine.request(name, input)
      : answer(handlers, name, input, { checksOutput })
  const server = createPageServer(pageFolder)
  const line = new PageLine({ server, sessions, answer: answerRequest })
  await listen(server, port)
  const watch = setInterval(() => engine.watch(), watchEveryMs)
  await token.load()
  void engine.start()
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/#token=${sessions.token}`,
    engine,
    close: async () => {
      clearInterval(watch)
      line.close()
      server.close()
      server.closeAllConnections()
      await engine.close(closeLimitMs)
    },
  }
}

function requirePage(folder: string): void {
  if (existsSync(join(folder, 'index.html'))) return
  const message = `the page is not built (${folder}): run 'npm run build:app' first`
  throw new EngineError('not-available', { feature: 'the page' }, message)
}

function listen(server: ReturnType<typeof createPageServer>, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const issue = `port ${port} cannot be used: ${error.message}`
      reject(requestInvalid(issue, { cause: error }))
    })
    server.listen(port, '127.0.0.1', resolve)
  })
}
