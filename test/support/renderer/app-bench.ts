import type { Page } from 'playwright-core'
import { inject } from 'vitest'
import { type Answers, type FakeHost, installFakeHost } from './fake-host.js'
import { openChromium } from './open-chromium.js'
import { servePage } from './serve-page.js'

/** The app, open in a page of its own. */
export interface OpenedApp {
  readonly page: Page
  readonly host: FakeHost
  /** Errors and warnings of the console, such as refusals by the content policy, and exceptions. */
  readonly problems: readonly string[]
}

/** The renderer as it ships, in a real browser, before hosts without an engine. */
export interface AppBench {
  /** Opens `#/path` for a host that gives these answers. */
  open(answers: Answers, path?: string): Promise<OpenedApp>
  /** A page without a host, for tests that bring their own, and the address to open. */
  openBare(): Promise<{ readonly page: Page; readonly url: string }>
  close(): Promise<void>
}

/** Serves the renderer and starts a browser. */
export async function openAppBench(): Promise<AppBench> {
  const served = await servePage(inject('pageFolder'))
  const browser = await openChromium()
  return {
    async open(answers, path = 'model') {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
      const host = await installFakeHost(context, answers)
      const page = await context.newPage()
      const problems: string[] = []
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) problems.push(message.text())
      })
      page.on('pageerror', (error) => problems.push(error.message))
      await page.goto(`${served.url}#/${path}`)
      await page.getByRole('main').waitFor()
      return { page, host, problems }
    },
    async openBare() {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
      return { page: await context.newPage(), url: served.url }
    },
    async close() {
      await browser.close()
      await served.close()
    },
  }
}
