import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { type AppWindow, buildPage, openAppWindow } from './app-window.js'
import { openChromium } from './open-chromium.js'

/** One browser and one build of the page, for tests that use the whole app. */
export interface WizardBench {
  readonly browser: Browser
  readonly pageFolder: string
  /** Where the app of this name keeps its files; it is also the person's own folder. */
  stateFolder(name: string): string
  /** The app on a state folder of its own; `name` again is the same app, started again. */
  withApp(name: string, use: (app: AppWindow) => Promise<void>): Promise<void>
  close(): Promise<void>
}

/** Starts a browser and builds the page. */
export async function openWizardBench(): Promise<WizardBench> {
  const folder = mkdtempSync(join(tmpdir(), 'zerotune-e2e-'))
  const pageFolder = join(folder, 'page')
  const browser = await openChromium()
  await buildPage(pageFolder)
  const stateFolder = (name: string): string => join(folder, name)
  return {
    browser,
    pageFolder,
    stateFolder,
    async withApp(name, use) {
      const app = await openAppWindow(browser, { pageFolder, stateFolder: stateFolder(name) })
      try {
        await use(app)
      } finally {
        await app.page.context().close()
        await app.host.close()
      }
    },
    async close() {
      await browser.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
