import type { Locator, Page } from 'playwright-core'

/** A button of the page itself, not of the rail beside it. */
export function button(page: Page, name: string | RegExp): Locator {
  return page.getByRole('main').getByRole('button', { name })
}

/** The first step with the model that comes with the program. */
export async function chooseExampleModel(page: Page): Promise<void> {
  await page.getByRole('radio').first().check()
  await page.getByText('Fits and trains').waitFor()
  await button(page, 'Continue to Data').click()
}

/** The first two steps with what comes with the program. */
export async function chooseExample(page: Page): Promise<void> {
  await chooseExampleModel(page)
  await button(page, 'Use the example').click()
  await button(page, 'Continue to Train').click()
  await page.getByRole('heading', { level: 1, name: 'Train' }).waitFor()
}

/** By forward passes, of which a step takes the same time everywhere that it can be watched in. */
export async function startRun(page: Page, steps: number): Promise<void> {
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
export async function shownStep(page: Page): Promise<number> {
  const text = await page
    .getByText(/Step [\d,]+ of [\d,]{2,}/)
    .first()
    .innerText()
  return Number(/Step ([\d,]+) of/.exec(text)?.[1]?.replaceAll(',', ''))
}
