import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Settings } from '../../../electron/ipc/app.js'
import { type AppBench, openAppBench } from '../../support/renderer/app-bench.js'
import { axeViolations } from '../../support/renderer/axe.js'
import type { Answers } from '../../support/renderer/fake-host.js'
import { fixedAppAnswers } from '../../support/renderer/fixed-app.js'
import { emptyComparison, fixedComparisonAnswers } from '../../support/renderer/fixed-comparison.js'
import { endedRun } from '../../support/renderer/fixed-runs.js'
import { fixedTrainingAnswers, readyWizard, runWizard } from '../../support/renderer/fixed-training.js'
import { pressTo } from '../../support/renderer/press-to.js'

let bench: AppBench
beforeAll(async () => {
  bench = await openAppBench()
})
afterAll(() => bench.close())

const run = endedRun()
const answers = (more: Answers = {}, theme: Settings['theme'] = 'light'): Answers => ({
  ...fixedAppAnswers({ theme }, runWizard(run, true)),
  ...fixedTrainingAnswers(run),
  ...fixedComparisonAnswers(),
  ...more,
})

describe('comparing base and adapted', () => {
  it('says the difference, its interval and its chance in sentences', async () => {
    const { page, problems } = await bench.open(answers(), 'compare')
    await page.getByText('The adapted model is better').waitFor()
    await page.getByText('+32.1 points (95 % interval +28.4 to +35.8)').waitFor()
    await page.getByText('301 rows that were wrong are right now, 21 that were right are wrong').waitFor()
    await page.getByText('less than once in 10,000 times').waitFor()
    await page.getByText('Adapted: 715 of 872 right').waitFor()
    await page.getByRole('img', { name: /Accuracy: \+32.1, 95 % interval/ }).waitFor()
    await page.getByRole('button', { name: 'Continue to Export' }).waitFor()
    expect(problems).toEqual([])
  })

  it('says so where no difference can be told', async () => {
    const { page } = await bench.open(answers(fixedComparisonAnswers(emptyComparison)), 'compare')
    await page.getByText('No difference can be told').waitFor()
    await page.getByText('which is no evidence of a difference').first().waitFor()
  })

  it('lists the rows that changed first, shows one in full, and never as markup', async () => {
    const { page, problems } = await bench.open(answers(), 'compare')
    await page.getByRole('tab', { name: 'Rows' }).click()
    const table = page.getByRole('grid', { name: 'Rows' })
    expect(await table.getAttribute('aria-rowcount')).toBe('323')
    await table.getByText('fixed').first().waitFor()
    await page.getByRole('radio', { name: /Broken 21/ }).check()
    await table.getByText('broken').first().waitFor()
    await page.getByRole('radio', { name: /All 872/ }).check()
    await page.getByRole('row', { name: /298/ }).click()
    await page.getByRole('dialog').getByText('<img src=x onerror=alert(1)>').waitFor()
    expect(await axeViolations(page)).toEqual([])
    expect(await page.locator('main img, [role=dialog] img').count()).toBe(0)
    expect(problems).toEqual([])
  })

  it('looks at any earlier step of the run by its slider', async () => {
    const { page, host } = await bench.open(answers(), 'compare')
    await page.getByText('best state, after 375 steps').waitFor()
    await page.getByRole('slider', { name: 'State of the model' }).focus()
    await page.keyboard.press('Home')
    await page.getByText('after 0 steps').waitFor()
    const steps = () =>
      host.asked
        .filter(({ name }) => name === 'compare.evaluate')
        .map(({ input }) => (input as { step: number | null }).step)
    await expect.poll(steps).toEqual([null, 0])
    await page.getByRole('button', { name: 'best', exact: true }).click()
    await expect.poll(steps).toEqual([null, 0, null])
  })

  it('streams both answers to one prompt with one seed, and stops when told', async () => {
    let finish = (): void => undefined
    const finished = new Promise<void>((resolve) => (finish = resolve))
    const { page, host } = await bench.open(
      answers({
        'chat.generate': async () => {
          await finished
          const side = { text: 'It is <b>great</b>', tokenCount: 4, reason: 'stopped' as const }
          return { base: side, adapted: side }
        },
        'chat.stop': () => {
          finish()
          return null
        },
      }),
      'compare',
    )
    await page.getByRole('tab', { name: 'Chat' }).click()
    await page.getByRole('button', { name: 'Use a prompt of the data' }).click()
    await page.getByRole('button', { name: 'Ask both' }).click()
    await page.getByText('writing…').waitFor()
    const asked = host.asked.findLast(({ name }) => name === 'chat.generate')?.input as {
      taskId: string
      sampling: { seed: number }
    }
    expect(asked.sampling.seed).toBe(0)
    for (const text of ['It', ' is'])
      await host.tell(page, 'chat.text', { taskId: asked.taskId, side: 'base', text })
    await page.getByText('It is▍').waitFor()
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByText('Both said the same.').waitFor()
    expect(await page.getByText('It is <b>great</b>').count()).toBe(2)
    expect(await axeViolations(page)).toEqual([])
  })

  it('keeps the conversation while another view is looked at', async () => {
    const { page } = await bench.open(answers(), 'compare')
    await page.getByRole('tab', { name: 'Chat' }).click()
    await page.getByLabel('Prompt for both').fill('the film is a delight')
    await page.keyboard.press('Enter')
    await page.getByText('ended by itself').waitFor()
    await page.getByRole('tab', { name: 'Results' }).click()
    await page.getByRole('tab', { name: 'Chat' }).click()
    expect(await page.getByText('the film is a delight').count()).toBe(2)
  })

  it('can be done with the keyboard alone', async () => {
    const { page } = await bench.open(answers(), 'compare')
    await page.getByText('The adapted model is better').waitFor()
    await pressTo(page, /^Results/)
    await page.keyboard.press('ArrowRight')
    await pressTo(page, /^Rows \| /)
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await pressTo(page, /^Continue to Export/)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Export' }).waitFor()
  })

  it('sends people without a run back to training', async () => {
    const { page } = await bench.open({ ...answers(), ...fixedAppAnswers({}, readyWizard()) }, 'compare')
    await page.getByRole('button', { name: 'Train a model first' }).click()
    await page.getByRole('heading', { level: 1, name: 'Train' }).waitFor()
  })

  it.each(['light', 'dark'] as const)('has nothing that axe finds wrong in the %s theme', async (theme) => {
    const { page } = await bench.open(answers({}, theme), 'compare')
    await page.getByText('The adapted model is better').waitFor()
    for (const name of ['Results', 'Rows', 'Chat']) {
      await page.getByRole('tab', { name }).click()
      expect(await axeViolations(page)).toEqual([])
    }
  })
})
