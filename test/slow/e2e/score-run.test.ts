import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isEngineBuilt } from '../../support/renderer/app-window.js'
import { axeViolations } from '../../support/renderer/axe.js'
import { openWizardBench, type WizardBench } from '../../support/renderer/wizard-bench.js'
import { button, chooseExample } from '../../support/renderer/wizard-steps.js'

let bench: WizardBench
beforeAll(async () => {
  bench = await openWizardBench()
})
afterAll(() => bench.close())

describe.skipIf(!isEngineBuilt)('a run on a score in place of the loss (npm run build)', () => {
  it('is set up, started and told of on the page', async () => {
    await bench.withApp('scored', async ({ page, problems }) => {
      await chooseExample(page)
      await page.getByText('All settings').click()
      await page.getByLabel('Train on').selectOption({ label: 'Right labels (accuracy)' })
      // A score has no gradient, so the plan goes by forward passes, and shows how they probe.
      await page.getByText('that only forward passes have').waitFor()
      await page.getByLabel('Where losses are measured').waitFor()
      expect(await axeViolations(page)).toEqual([])
      await page.getByLabel('Steps', { exact: true }).fill('8')
      await page.getByLabel('Steps between evaluations').fill('4')
      await page.keyboard.press('Tab')
      await page.getByText('8 steps of').waitFor()
      await button(page, 'Start training').click()
      await button(page, 'Continue to Compare').waitFor({ timeout: 120_000 })
      await page.getByText('What the engine noted').click()
      await page.getByText('what is called loss here is 1 minus it').waitFor()
      await page.getByText('Settings of this run').click()
      await page.getByText('Right labels (accuracy)', { exact: true }).waitFor()
      expect(problems).toEqual([])
    })
  })
})
