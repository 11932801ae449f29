import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { killEngine, whileEngineStands } from '../../support/engine-process.js'
import { openLlamaJudge } from '../../support/llama-judge.js'
import { isEngineBuilt } from '../../support/renderer/app-window.js'
import { axeViolations } from '../../support/renderer/axe.js'
import { growthOver, type MemorySample, pageBytes } from '../../support/renderer/held-memory.js'
import { openWizardBench, type WizardBench } from '../../support/renderer/wizard-bench.js'
import { walkWizard } from '../../support/renderer/walk-wizard.js'
import { button, chooseExample, shownStep, startRun } from '../../support/renderer/wizard-steps.js'

let bench: WizardBench
beforeAll(async () => {
  bench = await openWizardBench()
})
afterAll(() => bench.close())

const steps = 1000
/** Steps between two samples of the page's memory. */
const sampleEvery = 25

describe.skipIf(!isEngineBuilt)('the wizard in a browser, with the real engine (npm run build)', () => {
  it('leads from the example to a GGUF that llama.cpp opens', async () => {
    await bench.withApp('whole', async ({ page, problems }) => {
      await walkWizard(page, 'Mine')
      expect(await axeViolations(page)).toEqual([])
      expect(problems).toEqual([])
    })
    const file = ggufIn(bench.stateFolder('whole'))
    const judge = await openLlamaJudge(file)
    expect(await judge.mostLikely([1, 5, 9])).toHaveLength(3)
    await judge.close()
  })

  it('pauses, goes on, and is found again after a reload in mid-run, with all of its steps', async () => {
    await bench.withApp('reloaded', async ({ page }) => {
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
    await bench.withApp('flat', async ({ page }) => {
      const messages: number[] = []
      let ofEngine: MemorySample[] = []
      page.on('websocket', (socket) =>
        socket.on('framereceived', ({ payload }) => {
          messages.push(performance.now())
          const frame = JSON.parse(String(payload)) as ProgressFrame
          if (frame.name !== 'run.progress') return
          ofEngine.push({ step: frame.payload.step, bytes: frame.payload.vitals.residentBytes })
        }),
      )
      await page.reload()
      await chooseExample(page)
      // A first run is left alone: its messages are counted, and the browser compiles what runs often, which it keeps.
      await startRun(page, steps)
      const [begunAt, told] = [performance.now(), messages.length]
      await button(page, 'Continue to Compare').waitFor({ timeout: 300_000 })
      expect((1000 * (messages.length - told)) / (performance.now() - begunAt)).toBeLessThan(10)

      await button(page, 'Set up another run').click()
      ofEngine = []
      await startRun(page, steps)
      const tools = await page.context().newCDPSession(page)
      const ofPage: MemorySample[] = []
      while (!(await button(page, 'Continue to Compare').isVisible())) {
        const step = ofEngine.at(-1)?.step ?? 0
        if (step < (ofPage.at(-1)?.step ?? 0) + sampleEvery) await page.waitForTimeout(10)
        // Steps wait for the sample, so that a fast machine takes as many of them as a slow one.
        else ofPage.push({ step, bytes: await whileEngineStands(() => pageBytes(tools)) })
      }
      expect(growthOver(steps, ofEngine)).toBeLessThan(1.05)
      expect(growthOver(steps, ofPage)).toBeLessThan(1.05)
    })
  })

  it('says that the engine was killed in mid-run, and goes on with one click', async () => {
    await bench.withApp('killed', async ({ page }) => {
      await chooseExample(page)
      await startRun(page, 2000)
      await expect.poll(() => shownStep(page), { timeout: 120_000 }).toBeGreaterThan(60)
      killEngine()
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

interface ProgressFrame {
  readonly name?: string
  readonly payload: { readonly step: number; readonly vitals: { readonly residentBytes: number } }
}

/** The one GGUF file in a folder. */
function ggufIn(path: string): string {
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' })
  const found = names.find((name) => name.endsWith('.gguf'))
  if (found === undefined) throw new Error(`no exported GGUF among ${names.join(', ')}`)
  return join(path, found)
}
