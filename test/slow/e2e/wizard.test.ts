import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLlamaJudge } from '../../support/llama-judge.js'
import { type AppWindow, buildPage, isEngineBuilt, openAppWindow } from '../../support/renderer/app-window.js'
import { axeViolations } from '../../support/renderer/axe.js'
import { openChromium } from '../../support/renderer/open-chromium.js'

let browser: Browser
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zerotune-e2e-'))
  browser = await openChromium()
  await buildPage(join(folder, 'page'))
})
afterAll(async () => {
  await browser.close()
  rmSync(folder, { recursive: true, force: true })
})

/** The app on a state folder of its own; `name` again is the same app, started again. */
async function withApp(name: string, use: (app: AppWindow) => Promise<void>): Promise<void> {
  const stateFolder = join(folder, name)
  const app = await openAppWindow(browser, { pageFolder: join(folder, 'page'), stateFolder })
  try {
    await use(app)
  } finally {
    await app.page.context().close()
    await app.host.close()
  }
}

const button = (page: Page, name: string | RegExp) => page.getByRole('main').getByRole('button', { name })

/** The first two steps with what comes with the program. */
async function chooseExample(page: Page): Promise<void> {
  await page.getByRole('radio').first().check()
  await page.getByText('Fits and trains').waitFor()
  await button(page, 'Continue to Data').click()
  await button(page, 'Use the example').click()
  await button(page, 'Continue to Train').click()
  await page.getByRole('heading', { level: 1, name: 'Train' }).waitFor()
}

/** By forward passes, of which a step takes the same time everywhere that it can be watched in. */
async function startRun(page: Page, steps: number): Promise<void> {
  await page.getByLabel('Recipe').selectOption('qzo-rows')
  const all = page.getByText('All settings')
  if (!(await page.getByLabel('Steps', { exact: true }).isVisible())) await all.click()
  await page.getByLabel('Steps', { exact: true }).fill(String(steps))
  await page.getByLabel('Steps between evaluations').fill('50')
  await page.keyboard.press('Tab')
  await page.getByText(`${steps.toLocaleString('en')} steps of`).waitFor()
  await button(page, 'Start training').click()
  await button(page, 'Stop and keep').waitFor()
}

/** The step that the page shows. */
async function shownStep(page: Page): Promise<number> {
  const text = await page
    .getByText(/Step [\d,]+ of [\d,]{2,}/)
    .first()
    .innerText()
  return Number(/Step ([\d,]+) of/.exec(text)?.[1]?.replaceAll(',', ''))
}

describe.skipIf(!isEngineBuilt)('the wizard in a browser, with the real engine (npm run build)', () => {
  it('leads from the example to a GGUF that llama.cpp opens', async () => {
    await withApp('whole', async ({ page, problems }) => {
      await chooseExample(page)
      await button(page, 'Measure two steps').click()
      await page.getByText('Peak memory, measured').waitFor()
      await startRun(page, 60)
      await button(page, 'Continue to Compare').click()

      await page.getByRole('heading', { level: 2, name: 'Figures' }).waitFor()
      await page.getByRole('tab', { name: 'Rows' }).click()
      await page.getByRole('grid', { name: 'Rows' }).waitFor()
      await page.getByRole('tab', { name: 'Chat' }).click()
      await button(page, 'Use a prompt of the data').click()
      await button(page, 'Ask both').click()
      await page
        .getByText(/\d+ tokens?$/)
        .nth(1)
        .waitFor()

      await button(page, 'Continue to Export').click()
      await page.getByLabel('Name', { exact: true }).fill('Mine')
      await button(page, 'Export').click()
      await page.getByText('“Mine” is ready').waitFor()
      await page.getByText('It stops by itself').waitFor()
      expect(await axeViolations(page)).toEqual([])
      expect(problems).toEqual([])
    })
    const file = ggufIn(join(folder, 'whole'))
    const judge = await openLlamaJudge(file)
    expect(await judge.mostLikely([1, 5, 9])).toHaveLength(3)
    await judge.close()
  })

  it('pauses, goes on, and is found again after a reload in mid-run, with all of its steps', async () => {
    await withApp('reloaded', async ({ page }) => {
      await chooseExample(page)
      await startRun(page, 2000)
      await expect.poll(() => shownStep(page), { timeout: 120_000 }).toBeGreaterThan(20)
      await button(page, 'Pause').click()
      await page.getByText('Paused, with the model loaded').waitFor()
      const paused = await shownStep(page)
      await page.reload()
      await button(page, 'Continue').waitFor()
      expect(await shownStep(page)).toBe(paused)
      const summary = await page.getByRole('img', { name: /Training loss over/ }).getAttribute('aria-label')
      expect(summary).toContain(`over ${paused} steps`)

      await button(page, 'Continue').click()
      await expect.poll(() => shownStep(page), { timeout: 120_000 }).toBeGreaterThan(paused)
      await button(page, 'Stop and keep').click()
      await button(page, 'Resume').waitFor()
    })
  })

  it('holds no more at the end of 1,000 steps than at their beginning, and is told of them in few messages', async () => {
    await withApp('flat', async ({ page }) => {
      let messages: number[] = []
      let ofEngine: Sample[] = []
      page.on('websocket', (socket) =>
        socket.on('framereceived', ({ payload }) => {
          messages.push(Date.now())
          const frame = JSON.parse(String(payload)) as ProgressFrame
          if (frame.name !== 'run.progress') return
          ofEngine.push({ step: frame.payload.step, bytes: frame.payload.vitals.residentBytes })
        }),
      )
      await page.reload()
      await chooseExample(page)
      // The browser compiles what runs often: a first run, so that this is not taken for what the second holds.
      await startRun(page, 600)
      await button(page, 'Continue to Compare').waitFor({ timeout: 300_000 })
      await button(page, 'Set up another run').click()
      await startRun(page, 1000)
      messages = []
      ofEngine = []
      const tools = await page.context().newCDPSession(page)
      const pageBytes = async () => {
        // What is finalized in one collection is freed in the next.
        for (let round = 0; round < 3; round++) await tools.send('HeapProfiler.collectGarbage')
        return (await tools.send('Runtime.getHeapUsage')).usedSize
      }
      const started = Date.now()
      const ofPage: Sample[] = []
      while (!(await button(page, 'Continue to Compare').isVisible())) {
        ofPage.push({ step: await shownStep(page), bytes: await pageBytes() })
        await page.waitForTimeout(500)
      }
      const seconds = (Date.now() - started) / 1000
      expect(messages.filter((at) => at >= started).length / seconds).toBeLessThan(10)
      expect(growth(ofEngine)).toBeLessThan(1.05)
      expect(growth(ofPage)).toBeLessThan(1.05)
    })
  })

  it('says that the engine was killed in mid-run, and goes on with one click', async () => {
    await withApp('killed', async ({ page }) => {
      await chooseExample(page)
      await startRun(page, 2000)
      await expect.poll(() => shownStep(page), { timeout: 120_000 }).toBeGreaterThan(60)
      killEngine(join(folder, 'killed'))
      await page.getByText('The engine stopped in the middle of this run').waitFor()
      expect(await axeViolations(page)).toEqual([])
      const killedAt = await shownStep(page)
      await button(page, 'Start the engine and resume').click()
      await expect.poll(() => shownStep(page), { timeout: 120_000 }).toBeGreaterThan(killedAt)
      await button(page, 'Discard…').click()
      await page.getByRole('button', { name: 'Stop and discard' }).click()
      await button(page, 'Start training').waitFor()
      await page.getByRole('link', { name: 'Runs' }).click()
      await page.getByText('No runs yet').waitFor()
    })
  })
})

interface Sample {
  readonly step: number
  readonly bytes: number
}

interface ProgressFrame {
  readonly name?: string
  readonly payload: { readonly step: number; readonly vitals: { readonly residentBytes: number } }
}

/** Median of the last quarter of 1,000 steps, as a share of that of the first. */
function growth(samples: readonly Sample[]): number {
  const [first, last] = [0, 750].map((from) => {
    const bytes = samples
      .filter(({ step }) => step > from && step <= from + 250)
      .map((sample) => sample.bytes)
    expect(bytes.length).toBeGreaterThan(2)
    return bytes.toSorted((left, right) => left - right)[Math.floor(bytes.length / 2)]
  })
  return last / first
}

/** Ends the engine as the system does when memory runs out. The lock of its run names the process. */
function killEngine(stateFolder: string): void {
  const names = readdirSync(stateFolder, { recursive: true, encoding: 'utf8' })
  const lock = names.find((name) => name.endsWith('run.lock'))
  if (lock === undefined) throw new Error(`no lock among ${names.join(', ')}`)
  process.kill(Number(readFileSync(join(stateFolder, lock), 'utf8')), 'SIGKILL')
}

/** The one GGUF file in a folder. */
function ggufIn(path: string): string {
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' })
  const found = names.find((name) => name.endsWith('.gguf'))
  if (found === undefined) throw new Error(`no exported GGUF among ${names.join(', ')}`)
  return join(path, found)
}
