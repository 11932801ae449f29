import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Settings } from '../../../electron/ipc/app.js'
import { type AppBench, openAppBench } from '../../support/renderer/app-bench.js'
import { axeViolations } from '../../support/renderer/axe.js'
import type { Answers } from '../../support/renderer/fake-host.js'
import { fixedAppAnswers } from '../../support/renderer/fixed-app.js'
import {
  fixedAboutAnswers,
  fixedExportAnswers,
  fixedRunListAnswers,
} from '../../support/renderer/fixed-library.js'
import { fixedTrainingAnswers } from '../../support/renderer/fixed-training.js'
import { pressTo } from '../../support/renderer/press-to.js'

let bench: AppBench
beforeAll(async () => {
  bench = await openAppBench()
})
afterAll(() => bench.close())

const answers = (theme: Settings['theme'] = 'light', more: Answers = {}): Answers => ({
  ...fixedAppAnswers({ theme }),
  ...fixedTrainingAnswers(),
  ...fixedExportAnswers(),
  ...fixedRunListAnswers(),
  ...fixedAboutAnswers,
  ...more,
})

describe('the list of runs', () => {
  it('is searched by name, model, data and note', async () => {
    const { page, problems } = await bench.open(answers(), 'runs')
    await page.getByText('3 runs').waitFor()
    await page.getByLabel(/Search by name/).fill('mails')
    await page.getByText('1 run', { exact: true }).waitFor()
    await page.getByLabel(/Search by name/).fill('same rows and seed')
    await page.getByRole('row', { name: /Forward passes only/ }).waitFor()
    await page.getByLabel(/Search by name/).fill('nothing like it')
    await page.getByText('No run fits the search').waitFor()
    expect(problems).toEqual([])
  })

  it('renames, notes, throws away and takes back', async () => {
    const { page } = await bench.open(answers(), 'runs')
    await page.getByRole('button', { name: 'Rename…' }).click()
    await page.getByLabel('New name').fill('The good one')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 2, name: 'The good one' }).waitFor()

    await page.getByLabel('Note', { exact: true }).fill('Keep this.')
    await page.keyboard.press('Tab')
    await page.getByText('The note is saved.').waitFor()

    await page.getByRole('button', { name: 'Move to trash' }).click()
    await page.getByText('“The good one” is in the trash').waitFor()
    await page.getByText('2 runs').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('3 runs').waitFor()
    await page.reload()
    await page.getByRole('row', { name: /The good one/ }).waitFor()
  })

  it('compares several: curves over each other and the settings in which they differ', async () => {
    const { page } = await bench.open(answers(), 'runs')
    await page.getByText('Pick two to six runs').waitFor()
    await page
      .getByRole('row', { name: /SmolLM2-135M/ })
      .getByRole('gridcell')
      .first()
      .locator('span')
      .click()
    await page
      .getByRole('row', { name: /Forward passes only/ })
      .getByRole('gridcell')
      .first()
      .locator('span')
      .click()
    await page.getByRole('button', { name: 'Compare 2 runs' }).click()
    await page
      .getByRole('img', { name: /Best held-out loss: SmolLM2-135M on sst2-train 0.278/ })
      .first()
      .waitFor()
    await page.getByRole('row', { name: /Recipe Exact gradients, row factors Forward passes/ }).waitFor()
    await page.reload()
    await page.getByText('Where the settings differ').waitFor()
    await page.goBack()
    await page.getByText('3 runs').waitFor()
  })

  it('opens a run in the wizard', async () => {
    const { page } = await bench.open(answers(), 'runs')
    await page.getByRole('row', { name: /Support mails/ }).click()
    await page.getByRole('button', { name: 'Show in Train' }).click()
    await page.getByText('This run ended without a word').waitFor()
  })

  it('can be worked with the keyboard alone', async () => {
    const { page } = await bench.open(answers(), 'runs')
    await page.getByText('3 runs').waitFor()
    await pressTo(page, /^Runs \| /)
    await page.keyboard.press('Space')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Space')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 2, name: 'Forward passes only' }).waitFor()
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Enter')
    await page.getByText('Runs beside each other').waitFor()
  })
})

describe('the settings', () => {
  it('hold at once: theme, language, network', async () => {
    const { page, host } = await bench.open(answers(), 'settings')
    await page.getByRole('radio', { name: 'Dark' }).check()
    await expect.poll(() => page.locator('html').getAttribute('data-theme')).toBe('dark')
    await page.getByRole('switch', { name: 'Never use the network' }).click()
    await expect
      .poll(() => host.asked.findLast(({ name }) => name === 'settings.change')?.input)
      .toEqual({ isOffline: false })
    await page.getByLabel('Threads').fill('4')
    await page.keyboard.press('Tab')
    await page.getByLabel('Language', { exact: true }).selectOption('de')
    await page.getByRole('heading', { level: 1, name: 'Einstellungen' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { level: 1, name: 'Einstellungen' }).waitFor()
    expect(await page.getByLabel('Threads').inputValue()).toBe('4')
  })

  it('take a folder by its path where there is no dialog', async () => {
    const { page, host } = await bench.open(answers(), 'settings')
    const runs = page.getByRole('group', { name: 'Runs' })
    await runs.getByLabel('Path of a folder').fill('~/big-disk/runs')
    await page.keyboard.press('Enter')
    await expect
      .poll(() => host.asked.findLast(({ name }) => name === 'settings.change')?.input)
      .toEqual({ runsFolder: 'folder-1' })
  })
})

describe('the page about the program', () => {
  it('shows versions, licences and what the diagnostics hold before anything is copied', async () => {
    const { page, problems } = await bench.open(answers(), 'about')
    await page.getByText('onnxruntime-node').first().waitFor()
    await page.getByRole('cell', { name: 'Apache-2.0' }).waitFor()
    await page.getByText('Show what is in them').click()
    await page.getByText('linux x64, 8 cores').waitFor()
    expect(problems).toEqual([])
  })
})

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  it.each(['runs', 'runs?compare=sst2-smollm2,sst2-forward', 'settings', 'about'])(
    'axe finds nothing wrong on %s',
    async (path) => {
      const { page } = await bench.open(answers(theme), path)
      await page.waitForLoadState('networkidle')
      expect(await axeViolations(page)).toEqual([])
    },
  )
})
