import { spawn } from 'node:child_process'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { openBrowserHost } from './browser-host.js'

export interface ServeRequest {
  readonly port: number
  /** Whether to show the address in the person's browser. */
  readonly opens: boolean
  readonly say: (line: string) => void
}

/** Built files lie in `dist/electron/web`, the page in `dist/renderer`. */
const built = resolve(import.meta.dirname, '..', '..')

/** Serves the app until Ctrl-C or SIGTERM, which stop and keep a run that goes. @throws EngineError of `openBrowserHost` */
export async function serveApp({ port, opens, say }: ServeRequest): Promise<void> {
  const host = await openBrowserHost({
    port,
    pageFolder: join(built, 'renderer'),
    enginePath: join(built, 'electron', 'engine', 'index.js'),
    environment: process.env,
    platform: process.platform,
    homeFolder: homedir(),
    checksOutput: process.env.ZEROTUNE_CHECK_OUTPUT === '1',
  })
  say('Zerotune is at this address; it lets one window in:')
  say(`  ${host.address}`)
  say(
    'From another computer: ssh -L PORT:127.0.0.1:PORT this-computer, with the port of the address. Ctrl-C ends it.',
  )
  if (opens) openAddress(host.address)
  await asked()
  say('stopping; a run that goes is kept')
  await host.close()
}

/** Until a first signal; a second one ends the process at once. */
function asked(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
}

const openers: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}

/** Shows an address in the browser; where there is none, the printed address does. */
function openAddress(address: string): void {
  const [command = 'xdg-open', ...args] = openers[process.platform] ?? ['xdg-open']
  spawn(command, [...args, address], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref()
}
