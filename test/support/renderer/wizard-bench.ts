import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { type AppWindow, openAppWindow } from './app-window.js'
import { openChromium } from './open-chromium.js'

/** One browser, for tests that use the whole app. */
export interface WizardBench {
  readonly browser: Browser
  /** Where the app of this name keeps its files; it is also the person's own folder. */
  stateFolder(name: string): string
  /** The app on a state folder of its own; `name` again is the same app, started again. */
  withApp(name: string, use: (app: AppWindow) => Promise<void>): Promise<void>
  close(): Promise<void>
}

/** Starts a browser. */
export async function openWizardBench(): Promise<WizardBench> {
  const folder = mkdtempSync(join(tmpdir(), 'zerotune-e2e-'))
  const browser = await openChromium()
  const stateFolder = (name: string): string => join(folder, name)
  return {
    browser,
    stateFolder,
    async withApp(name, use) {
      const app = await openAppWindow(browser, stateFolder(name))
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
