import type { Command } from 'commander'
import { integer } from './option-values.js'
import { Output } from './output.js'

interface ServeOptions {
  readonly port: number
  readonly open: boolean
}

/** The part of the app's browser host that is used here; the engine does not know the app. */
interface BrowserHostModule {
  readonly serveApp: (request: {
    readonly port: number
    readonly opens: boolean
    readonly say: (line: string) => void
  }) => Promise<void>
}

/** `zerotune serve`. */
export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('show the app in a browser on this computer, or through a tunnel on another')
    .option('--port <n>', 'where it listens (default: any port that is free)', integer(0), 0)
    .option('--no-open', 'only print the address')
    .action(async ({ port, open }: ServeOptions) => {
      const output = new Output({})
      const module = new URL('../../electron/web/serve.js', import.meta.url)
      const { serveApp } = (await import(module.href)) as BrowserHostModule
      await serveApp({ port, opens: open, say: (line) => output.say(line) })
    })
}
