import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AppBench, openAppBench } from '../../support/renderer/app-bench.js'
import { axeViolations } from '../../support/renderer/axe.js'
import type { Answers } from '../../support/renderer/fake-host.js'
import { fixedAppAnswers } from '../../support/renderer/fixed-app.js'
import { fixedDataAnswers } from '../../support/renderer/fixed-data.js'
import { fixedModelAnswers, fixedModels } from '../../support/renderer/fixed-models.js'
import { pressTo } from '../../support/renderer/press-to.js'

let bench: AppBench
beforeAll(async () => {
  bench = await openAppBench()
})
afterAll(() => bench.close())

const answers = (more: Answers = {}): Answers => ({
  ...fixedAppAnswers(),
  ...fixedModelAnswers(),
  ...fixedDataAnswers(),
  ...more,
})

describe('the model step', () => {
  it('names what is missing on its main button until a model is chosen that can be trained', async () => {
    const { page, problems } = await bench.open(answers())
    const bar = page.getByRole('main')
    await bar.getByRole('button', { name: 'Choose a model' }).click()
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('INPUT')

    await page.getByRole('radio', { name: /mamba/ }).check()
    await page.getByText('its architecture is “mamba”').waitFor()
    await bar.getByRole('button', { name: 'Choose a model that can be trained' }).waitFor()

    await page.getByRole('radio', { name: /SmolLM2/ }).check()
    await page.getByText('Fits and trains').waitFor()
    await bar.getByRole('button', { name: 'Continue to Data' }).click()
    await page.getByRole('heading', { level: 1, name: 'Data' }).waitFor()
    expect(problems).toEqual([])
  })

  it('can be done with the keyboard alone', async () => {
    const { page } = await bench.open(answers())
    await page.getByRole('radio', { name: /SmolLM2/ }).waitFor()
    await pressTo(page, /SmolLM2/)
    await page.keyboard.press('Space')
    await page.getByText('Fits and trains').waitFor()
    await pressTo(page, /^Continue to Data/)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Data' }).waitFor()
    // The new page is read from its start.
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main')
  })

  it('remembers the model over a reload and looks at it again', async () => {
    const { page } = await bench.open(answers())
    await page.getByRole('radio', { name: /SmolLM2/ }).check()
    await page.getByText('Fits and trains').waitFor()
    await page.reload()
    await page.getByText('Fits and trains').waitFor()
    expect(await page.getByRole('radio', { name: /SmolLM2/ }).isChecked()).toBe(true)
  })

  it('goes back to the last choice when looking at another model is cancelled', async () => {
    const never = new Promise<never>(() => undefined)
    const inspect = fixedModelAnswers()['model.inspect']
    const { page, host } = await bench.open(
      answers({
        'model.inspect': (input) => (input.model === 'large' ? never : (inspect?.(input) ?? never)),
      }),
    )
    await page.getByRole('radio', { name: /SmolLM2/ }).check()
    await page.getByText('Fits and trains').waitFor()
    await page.getByRole('radio', { name: /llama3.3/ }).check()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByText('Fits and trains').waitFor()
    expect(await page.getByRole('radio', { name: /SmolLM2/ }).isChecked()).toBe(true)
    expect(host.asked.some(({ name }) => name === 'task.cancel')).toBe(true)
  })

  it('says what is wrong with a damaged file, and what to do, with the detail folded away', async () => {
    const { page } = await bench.open(answers())
    await page.getByRole('radio', { name: /half-a-download/ }).check()
    const notice = page.getByRole('alert')
    await notice.getByText('is damaged, or no model file').waitFor()
    await notice.getByText('Download it again').waitFor()
    expect(await notice.getByText('should end at byte').isVisible()).toBe(false)
    await notice.getByText('Technical detail').click()
    await notice.getByText('should end at byte').waitFor()
  })

  it('takes a model off the list, and looks again for others', async () => {
    const { page, host } = await bench.open(answers())
    await page.getByRole('button', { name: /^Take “SmolLM2/ }).click()
    await page.getByRole('radio', { name: /SmolLM2/ }).waitFor({ state: 'detached' })
    const looked = () => host.asked.filter(({ name }) => name === 'model.list').length
    const before = looked()
    await page.getByRole('button', { name: 'Look again' }).click()
    await expect.poll(looked).toBe(before + 1)
  })

  it('opens a file by its path, and says so when there is none', async () => {
    const { page } = await bench.open(answers())
    await page.getByLabel(/Path of a GGUF file/).fill('~/nothing/here.bin')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('“here.bin” cannot be opened.').waitFor()
    await page.getByLabel(/Path of a GGUF file/).fill('~/models/SmolLM2-135M-Instruct.Q4_1.gguf')
    await page.keyboard.press('Enter')
    await page.getByText('Fits and trains').waitFor()
  })

  it('shows names from files as text, never as markup', async () => {
    const name = '<img src=x onerror="document.title=1"><b>bold</b>'
    const { page, problems } = await bench.open(
      answers({ 'model.list': () => ({ models: [{ ...fixedModels.smol, name }], libraries: [] }) }),
    )
    await page.getByText(name).first().waitFor()
    expect(await page.title()).toBe('Zerotune')
    expect(await page.locator('main b').count()).toBe(0)
    expect(problems).toEqual([])
  })

  it.each(['light', 'dark'] as const)('has nothing that axe finds wrong in the %s theme', async (theme) => {
    const { page, problems } = await bench.open({ ...answers(), ...fixedAppAnswers({ theme }) })
    await page.getByRole('radio', { name: /SmolLM2/ }).waitFor()
    expect(await axeViolations(page)).toEqual([])
    for (const [model, shown] of [
      ['SmolLM2', 'Fits and trains'],
      ['llama3.3', 'Needs more memory'],
      ['mamba', 'Cannot be trained'],
      ['half-a-download', 'is damaged'],
    ]) {
      await page.getByRole('radio', { name: new RegExp(model) }).check()
      await page.getByText(shown).waitFor()
      expect(await axeViolations(page)).toEqual([])
    }
    expect(problems).toEqual([])
  })
})
