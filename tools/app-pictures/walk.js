const [steps, evaluateEvery] = [32, 8]

/**
 * Goes through the wizard and the other pages by what a person clicks, from a model in `~/models` and rows in `~/sst2` to an
 * export, and asks for a picture wherever there is something to see.
 */
export async function walk(page, modelName, picture) {
  const button = (name) => page.getByRole('main').getByRole('button', { name })
  const show = (heading) =>
    page
      .getByRole('heading', { name: heading, exact: true })
      .evaluate((element) => element.scrollIntoView({ block: 'start' }))
  const openRows = async (path) => {
    await page.getByPlaceholder('~/data/train.jsonl').last().fill(path)
    await page.keyboard.press('Enter')
  }
  const open = (name) => page.getByRole('link', { name, exact: true }).click()

  await page.getByLabel(/Path of a GGUF file/).fill(`~/models/${modelName}`)
  await page.keyboard.press('Enter')
  await page.getByText('Fits and trains').waitFor()
  await picture('model')

  await button('Continue to Data').click()
  await openRows('~/sst2/train.tsv')
  await page.getByRole('heading', { name: 'What the model reads' }).waitFor()
  await button('Use a file…').click()
  await openRows('~/sst2/dev.tsv')
  await button('Continue to Train').waitFor()
  for (const [label, words] of [
    ['0', ' terrible'],
    ['1', ' great'],
  ]) {
    await page.getByLabel(`As the model reads it: ${label}`).fill(words)
    await page.keyboard.press('Tab')
  }
  // The rows are checked again once typing pauses.
  await page.locator('figure mark').filter({ hasText: 'terrible' }).first().waitFor()
  await button('Continue to Train').waitFor()
  await show('Rows')
  await picture('data')
  await show('What the model reads')
  await picture('data-examples')

  await button('Continue to Train').click()
  await page.getByText('Peak memory, measured').waitFor()
  await picture('train-plan')
  await page.getByText('All settings').click()
  await page.getByLabel('Steps', { exact: true }).fill(String(steps))
  await page.getByLabel('Steps between evaluations').fill(String(evaluateEvery))
  await page.keyboard.press('Tab')
  await page.getByText(`${steps} steps of`).waitFor()
  await picture('train-settings')
  await button('Start training').click()
  await page
    .getByText(new RegExp(`Step 2\\d of ${steps}`))
    .first()
    .waitFor()
  await picture('train-run')
  await button('Continue to Compare').waitFor()
  await picture('train-done')

  await button('Continue to Compare').click()
  await page.getByRole('heading', { level: 2, name: 'Figures' }).waitFor()
  await picture('compare')
  await page.getByRole('tab', { name: 'Rows' }).click()
  await page.getByRole('grid', { name: 'Rows' }).waitFor()
  await picture('compare-rows')
  await page.getByRole('tab', { name: 'Chat' }).click()
  await button('Use a prompt of the data').click()
  await button('Ask both').click()
  await page
    .getByText(/\d+ tokens?$/)
    .nth(1)
    .waitFor()
  await picture('compare-chat')

  await button('Continue to Export').click()
  await page.getByLabel('Name', { exact: true }).fill('SmolLM2 reviews')
  await button('Export').click()
  // Ready, or written with a check that failed: rows of labels do not teach a small model to stop.
  await page.getByText(/“SmolLM2 reviews” (is ready|was written)/).waitFor()
  await picture('export')

  for (const name of ['Runs', 'Settings', 'About']) {
    await open(name)
    await page.getByRole('heading', { level: 1, name }).waitFor()
    await picture(name.toLowerCase())
  }
}
