import type { Page } from 'playwright-core'
import { button, chooseExample, startRun } from './wizard-steps.js'

/** Goes from the example to an exported GGUF of this name, by what a person clicks; every step is waited for. */
export async function walkWizard(page: Page, name: string): Promise<void> {
  await chooseExample(page)
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
  await page.getByLabel('Name', { exact: true }).fill(name)
  await button(page, 'Export').click()
  await page.getByText(`“${name}” is ready`).waitFor()
  await page.getByText('It stops by itself').waitFor()
}
