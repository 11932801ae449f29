import { resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { existsSync } from 'node:fs'
import { inject } from 'vitest'
import { type BrowserHost, openBrowserHost } from '../../../electron/web/browser-host.js'

const root = resolve(import.meta.dirname, '../../..')
const enginePath = resolve(root, 'dist/electron/engine/index.js')

/** Whether the engine's program was built: `npm run build`, which every check begins with. */
export const isEngineBuilt = existsSync(enginePath)

/** The real app as a person has it in a browser: the page, its host, and an engine in a process of its own. */
export interface AppWindow {
  readonly page: Page
  readonly host: BrowserHost
  /** Errors and warnings of the console, and exceptions. */
  readonly problems: readonly string[]
}

/** Starts a host on `stateFolder`, which is also the person's own folder, and opens its address. */
export async function openAppWindow(browser: Browser, stateFolder: string): Promise<AppWindow> {
  const host = await openBrowserHost({
    port: 0,
    pageFolder: inject('pageFolder'),
    enginePath,
    environment: { ...process.env, ZEROTUNE_HOME: stateFolder },
    platform: process.platform,
    homeFolder: stateFolder,
    checksOutput: true,
  })
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' })
  const page = await context.newPage()
  const problems: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(error.message))
  await page.goto(host.address)
  await page.getByRole('main').waitFor()
  return { page, host, problems }
}
