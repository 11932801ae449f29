import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { whileEngineStands } from '../../support/engine-process.js'
import { isEngineBuilt } from '../../support/renderer/app-window.js'
import { axeViolations } from '../../support/renderer/axe.js'
import { pressTo } from '../../support/renderer/press-to.js'
import { openWizardBench, type WizardBench } from '../../support/renderer/wizard-bench.js'

let bench: WizardBench
beforeAll(async () => {
  bench = await openWizardBench()
})
afterAll(() => bench.close())

/** Moves to a control with Tab alone, and presses it. */
async function press(page: Page, name: RegExp, key = 'Enter'): Promise<void> {
  await pressTo(page, name)
  await page.keyboard.press(key)
}

/** Moves to a field, and writes over what is in it. */
async function write(page: Page, name: RegExp, text: string): Promise<void> {
  await pressTo(page, name)
  await page.keyboard.press('Control+A')
  await page.keyboard.type(text)
}

async function arriveAt(page: Page, title: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name: title }).waitFor()
}

describe.skipIf(!isEngineBuilt)('the whole wizard (npm run build)', () => {
  it('is walked with the keyboard alone, and axe finds nothing wrong at any place of it', async () => {
    await bench.withApp('keyboard', async ({ page, problems }) => {
      const isFine = async (): Promise<void> => expect(await axeViolations(page)).toEqual([])

      await page.getByRole('radio').first().waitFor()
      await isFine()
      await press(page, /zerotune-demo/, 'Space')
      await page.getByText('Fits and trains').waitFor()
      await isFine()
      await press(page, /^Continue to Data/)

      await arriveAt(page, 'Data')
      await isFine()
      await press(page, /^Use the example/)
      await page.getByRole('button', { name: 'Continue to Train' }).waitFor()
      await isFine()
      // A column's chip puts itself where the caret was, and writing goes on behind it.
      await write(page, /^Prompt$/, 'To the team that ')
      await press(page, /^Insert “message”/, 'Space')
      await page.keyboard.type(' is for:')
      const prompt = page.getByLabel('Prompt', { exact: true })
      await expect.poll(() => prompt.inputValue()).toBe('To the team that {message} is for:')
      await page.getByRole('button', { name: 'Continue to Train' }).waitFor()
      await isFine()
      await press(page, /^Continue to Train/)

      await arriveAt(page, 'Train')
      await page
        .getByText(/ steps of /)
        .first()
        .waitFor()
      await press(page, /^All settings/)
      await write(page, /^Steps$/, '200')
      await page.keyboard.press('Tab')
      await page.getByText('200 steps of').waitFor()
      await isFine()
      await press(page, /^Start training/)
      await page.getByRole('button', { name: 'Pause' }).waitFor()
      // Standing, so that a fast machine is not through before Tab is there.
      await whileEngineStands(async () => {
        await isFine()
        await press(page, /^Pause/)
      })
      await page.getByText('Paused, with the model loaded').waitFor()
      await isFine()
      await press(page, /^Continue$/)
      await page.getByRole('button', { name: 'Continue to Compare' }).waitFor({ timeout: 240_000 })
      await isFine()
      await press(page, /^Continue to Compare/)

      await arriveAt(page, 'Compare')
      await page.getByRole('heading', { level: 2, name: 'Figures' }).waitFor({ timeout: 120_000 })
      await isFine()
      await pressTo(page, /^Results/)
      await page.keyboard.press('ArrowRight')
      await page.getByRole('grid', { name: 'Rows' }).waitFor()
      await isFine()
      await page.keyboard.press('ArrowRight')
      await press(page, /^Use a prompt of the data/)
      await press(page, /^Prompt for both/)
      await page
        .getByText(/\d+ tokens?$/)
        .nth(1)
        .waitFor({ timeout: 120_000 })
      await isFine()
      await press(page, /^Continue to Export/)

      await arriveAt(page, 'Export')
      await page.getByLabel('Name', { exact: true }).waitFor()
      await isFine()
      await write(page, /^Name$/, 'By keyboard')
      await press(page, /^Export$/)
      await page.getByText('“By keyboard” is ready').waitFor({ timeout: 120_000 })
      await isFine()

      for (const title of ['Runs', 'Settings', 'About']) {
        await press(page, new RegExp(`^${title}$`))
        await arriveAt(page, title)
        await isFine()
      }
      expect(problems).toEqual([])
    })
  })
})
