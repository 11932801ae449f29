import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'
import { openBrowserHost, type BrowserHost } from '../../electron/web/browser-host.js'
import { temporaryFolder } from './temporary-folder.js'

const enginePath = resolve(import.meta.dirname, '../../dist/electron/engine/index.js')

/** Whether the engine's program was built: `npm run build`, which every check begins with. */
export const isEngineBuilt = existsSync(enginePath)

/** A browser host with a process of its own for the engine, and a page of one line. */
export async function openTestHost(stateFolder: string = temporaryFolder()): Promise<BrowserHost> {
  const pageFolder = join(temporaryFolder(), 'page')
  mkdirSync(pageFolder)
  writeFileSync(join(pageFolder, 'index.html'), '<!doctype html><title>page</title>')
  const host = await openBrowserHost({
    port: 0,
    pageFolder,
    enginePath,
    environment: { ...process.env, ZEROTUNE_HOME: stateFolder },
    platform: process.platform,
    homeFolder: stateFolder,
    checksOutput: true,
  })
  onTestFinished(() => host.close())
  return host
}
