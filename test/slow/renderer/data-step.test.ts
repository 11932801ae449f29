import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EngineError } from '../../../core/schema/engine-error.js'
import { type AppBench, openAppBench } from '../../support/renderer/app-bench.js'
import { axeViolations } from '../../support/renderer/axe.js'
import type { Answers } from '../../support/renderer/fake-host.js'
import { fixedAppAnswers } from '../../support/renderer/fixed-app.js'
import { fixedDataAnswers, manyRows } from '../../support/renderer/fixed-data.js'
import { fixedModelAnswers, fixedModels } from '../../support/renderer/fixed-models.js'
import { pressTo } from '../../support/renderer/press-to.js'

let bench: AppBench
beforeAll(async () => {
  bench = await openAppBench()
})
afterAll(() => bench.close())

const withModel = { version: 1, model: { entry: fixedModels.smol, canTrain: true } }
const answers = (more: Answers = {}, theme: 'light' | 'dark' = 'light'): Answers => ({
  ...fixedAppAnswers({ theme }, withModel),
  ...fixedModelAnswers(),
  ...fixedDataAnswers(),
  ...more,
})

const main = (page: Page) => page.getByRole('main')
const goesOn = (page: Page) => main(page).getByRole('button', { name: 'Continue to Train' }).waitFor()
const openLargeFile = (page: Page) => page.getByRole('button', { name: /support-mails/ }).click()

describe('the data step', () => {
  it('shows the example with what is trained on marked, ready to go on', async () => {
    const { page, problems } = await bench.open(answers(), 'data')
    await page.getByRole('button', { name: 'Use the example' }).click()
    await goesOn(page)
    const marked = await main(page).locator('figure mark').allInnerTexts()
    expect(marked.map((text) => text.replace(/^\s*learned:\s*/, ''))).toEqual([
      '·billing',
      '·billing',
      '·technical',
    ])
    await page.getByText('960 rows to train on, 320 held out').waitFor()
    expect(problems).toEqual([])
  })

  it('can be done with the keyboard alone, roles of columns included', async () => {
    const { page } = await bench.open(answers(), 'data')
    await pressTo(page, /Use the example/)
    await page.keyboard.press('Enter')
    await goesOn(page)
    await pressTo(page, /^team/)
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name: 'It is the answer to write' }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByLabel('Answer', { exact: true }).waitFor()
    expect(await page.getByLabel('What to learn').inputValue()).toBe('answer')
    expect(await page.getByLabel('Answer', { exact: true }).inputValue()).toBe('{team}')
    await goesOn(page)
    await pressTo(page, /^Continue to Train/)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Train' }).waitFor()
  })

  it('remembers file, roles and switches over a reload', async () => {
    const { page } = await bench.open(answers(), 'data')
    await openLargeFile(page)
    await page.getByRole('switch', { name: 'Leave them out' }).click()
    await page.getByLabel('Prompt', { exact: true }).fill('{message} goes to')
    await goesOn(page)
    await page.reload()
    await goesOn(page)
    expect(await page.getByLabel('Prompt', { exact: true }).inputValue()).toBe('{message} goes to')
    expect(await page.getByRole('switch', { name: 'Leave them out' }).isChecked()).toBe(true)
  })

  it('scrolls 100,000 rows with few of them in the page', async () => {
    const { page } = await bench.open(answers(), 'data')
    await openLargeFile(page)
    const table = page.getByRole('table', { name: 'Rows' })
    await table.getByText('hello, i bought a blender').first().waitFor()
    expect(await table.getAttribute('aria-rowcount')).toBe(String(manyRows + 1))
    await table.evaluate((element) => {
      element.scrollTop = element.scrollHeight
    })
    await table.getByRole('cell', { name: '100,001' }).waitFor()
    expect(await table.getByRole('row').count()).toBeLessThan(60)
  })

  it('keeps every word of the labels, also where one is written before the last was checked', async () => {
    const { page, host } = await bench.open(answers(), 'data')
    await page.getByRole('button', { name: 'Use the example' }).click()
    await goesOn(page)
    for (const [label, word] of [
      ['billing', ' money'],
      ['delivery', ' parcel'],
    ] as const) {
      await page.getByLabel(`As the model reads it: ${label}`).fill(word)
      await page.keyboard.press('Tab')
    }
    const lastTask = () => host.asked.findLast(({ name }) => name === 'data.check')?.input
    await expect
      .poll(lastTask)
      .toMatchObject({ selection: { task: { labels: { billing: ' money', delivery: ' parcel' } } } })
  })

  it('asks what to do about rows that cannot be used, and leads there', async () => {
    const { page } = await bench.open(answers(), 'data')
    await openLargeFile(page)
    await main(page).getByRole('button', { name: 'Decide about 12 rows that cannot be used' }).click()
    await page.keyboard.press('Space')
    await goesOn(page)
    await page.getByText('14 held-out rows are also trained on.').waitFor()
  })

  it('says how many rows a maximum length leaves out, while it is typed', async () => {
    const { page, host } = await bench.open(answers(), 'data')
    await page.getByRole('button', { name: 'Use the example' }).click()
    const maximum = page.getByRole('spinbutton', { name: /Longest row to keep/ })
    await maximum.fill('40')
    await maximum.press('Enter')
    await page.getByText(/^\d+ rows are longer and left out/).waitFor()
    await goesOn(page)
    const last = host.asked.filter(({ name }) => name === 'data.check').at(-1)
    expect(last?.input).toMatchObject({ selection: { maximumTokens: 40 } })
  })

  it('leaves odd rows out, evens out labels and puts prompts as messages, with the keyboard alone', async () => {
    const { page, host, problems } = await bench.open(answers(), 'data')
    await openLargeFile(page)
    await page.getByText('31 rows repeat another.').waitFor()
    const findings = page.getByRole('list', { name: 'What is odd about training rows' })
    expect(await findings.getByRole('listitem').count()).toBe(3)
    await page.getByText('44 (like 12), 91 (like 90), and 1,204 (like 377)').waitFor()
    await page.getByText('Writing systems: Latin (94,100) and Cyrillic (888)').waitFor()

    const press = async (name: RegExp) => {
      await pressTo(page, name)
      await page.keyboard.press('Space')
    }
    await press(/^Put the prompt as a message/)
    await pressTo(page, /^System message/)
    await page.keyboard.type('Sort the mail.')
    await press(/^Train on as many rows of each label/)
    // The first finding's switch; the second's comes after it.
    await press(/^Do not train on them/)
    await press(/^Do not train on them/)
    await expect
      .poll(() => host.asked.filter(({ name }) => name === 'data.check').at(-1)?.input, { timeout: 10_000 })
      .toMatchObject({
        selection: {
          task: { kind: 'labels', chat: true, system: 'Sort the mail.' },
          rows: { leaveOut: ['repeated', 'contradicted'], isBalanced: true },
        },
      })
    expect(problems).toEqual([])
  })

  it('leaves rows of a rare language out of training, and takes them back', async () => {
    const { page, host } = await bench.open(answers(), 'data')
    await page.getByRole('button', { name: 'Use the example' }).click()
    await page.getByText('Rows in German are rare here: lines 41 and 507').waitFor()
    const leaveOut = page.getByRole('switch', { name: 'Do not train on them' })
    const asked = () => host.asked.filter(({ name }) => name === 'data.check').at(-1)?.input
    await leaveOut.click()
    await expect.poll(asked, { timeout: 10_000 }).toMatchObject({
      selection: { rows: { leaveOutLines: [41, 507] } },
    })
    await leaveOut.click()
    await expect
      .poll(asked, { timeout: 10_000 })
      .toMatchObject({ selection: { rows: { leaveOutLines: [] } } })
  })

  it('names the gap of an unfinished task and keeps what was written', async () => {
    const { page } = await bench.open(answers(), 'data')
    await page.getByRole('button', { name: 'Use the example' }).click()
    await goesOn(page)
    await page.getByLabel('What to learn').selectOption('chat')
    await main(page).getByRole('button', { name: 'Say which column holds the conversation' }).waitFor()
    await page.getByLabel('What to learn').selectOption('labels')
    await goesOn(page)
    await page.getByLabel('Prompt', { exact: true }).fill('{mesage}')
    await page.getByText('The file has no column “mesage”.').waitFor()
  })

  it('shows why the engine refuses a task, beside the task', async () => {
    const refuse = () => {
      throw new EngineError('request-invalid', { issues: ['label texts are equal'] }, 'label texts are equal')
    }
    const { page } = await bench.open(answers({ 'data.check': refuse }), 'data')
    await page.getByRole('button', { name: 'Use the example' }).click()
    await page.getByRole('alert').getByText('This does not work as it is').waitFor()
    await main(page).getByRole('button', { name: 'Correct what is wrong with the task' }).waitFor()
  })

  it('takes pasted rows and dropped files', async () => {
    const { page, host } = await bench.open(answers(), 'data')
    await page.getByText('Paste rows').click()
    await page.getByLabel('Rows as text').fill('text\tlabel\none\ta\ntwo\tb')
    await page.getByRole('button', { name: 'Use these rows' }).click()
    await page.getByRole('table', { name: 'Rows' }).waitFor()
    expect(host.asked.find(({ name }) => name === 'data.paste')?.input).toEqual({
      text: 'text\tlabel\none\ta\ntwo\tb',
      name: 'pasted rows',
    })

    // Closing the dialog keeps what was chosen.
    await page.getByRole('button', { name: 'Change…' }).click()
    await page.keyboard.press('Escape')
    await page.getByRole('table', { name: 'Rows' }).waitFor()
    await page.getByRole('button', { name: 'Change…' }).click()
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'rows.csv', mimeType: 'text/csv', buffer: Buffer.from('text,label\none,a\n') })
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('table', { name: 'Rows' }).waitFor()
    expect(host.asked.findLast(({ name }) => name === 'data.paste')?.input).toMatchObject({
      name: 'rows.csv',
    })
  })

  it('corrects a row with the keyboard alone, tries it while it is typed, keeps it over a reload and takes it back', async () => {
    const { page, host, problems } = await bench.open(answers(), 'data')
    await openLargeFile(page)
    await page.getByText('12 rows cannot be used.').waitFor()
    await pressTo(page, /^Edit line 310 /)
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Line 310' })
    const row = dialog.getByLabel('Row', { exact: true })
    await expect.poll(() => row.inputValue()).toBe('Where is my parcel?,')
    expect(await axeViolations(page)).toEqual([])
    await pressTo(page, /^Row$/)
    await page.keyboard.press('Control+End')
    await page.keyboard.type('nobody')
    await dialog.getByRole('status').getByText('expected one of 4 labels, found another').waitFor()
    expect(await dialog.getByRole('button', { name: 'Use this row' }).isDisabled()).toBe(true)
    for (let each = 0; each < 'nobody'.length; each++) await page.keyboard.press('Backspace')
    await page.keyboard.type('delivery')
    await dialog.getByText('This row can be used.').waitFor()
    await pressTo(page, /^Use this row$/)
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'hidden' })
    await page.getByText('11 rows cannot be used.').waitFor()
    const asked = host.asked.filter(({ name }) => name === 'data.check').at(-1)?.input
    const correction = { line: 310, text: 'Where is my parcel?,delivery', was: 1, isDev: false }
    expect(asked).toMatchObject({ selection: { rows: { corrections: [correction] } } })

    await page.reload()
    const corrected = page.getByRole('region', { name: 'Rows you corrected' })
    await corrected.getByText('Where is my parcel?,delivery').waitFor()
    expect(await axeViolations(page)).toEqual([])
    await pressTo(page, /^Undo the correction: Line 310 /)
    await page.keyboard.press('Enter')
    await page.getByText('12 rows cannot be used.').waitFor()
    expect(problems).toEqual([])
  })

  it('asks for a model first', async () => {
    const { page } = await bench.open({ ...answers(), ...fixedAppAnswers() }, 'data')
    await main(page).getByRole('button', { name: 'Choose a model first' }).click()
    await page.getByRole('heading', { level: 1, name: 'Model' }).waitFor()
  })

  it.each(['light', 'dark'] as const)('has nothing that axe finds wrong in the %s theme', async (theme) => {
    const { page, problems } = await bench.open(answers({}, theme), 'data')
    await page.getByRole('button', { name: 'Use the example' }).waitFor()
    expect(await axeViolations(page)).toEqual([])
    await openLargeFile(page)
    await page.getByText('14 held-out rows').waitFor()
    expect(await axeViolations(page)).toEqual([])
    await page.getByRole('button', { name: 'Use a file…' }).click()
    await page.getByRole('dialog').waitFor()
    expect(await axeViolations(page)).toEqual([])
    expect(problems).toEqual([])
  })
})
