import { appendFileSync, copyFileSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { requests } from '../../../electron/ipc/contract.js'
import { isEngineBuilt } from '../../support/renderer/app-window.js'
import { RequestGate } from '../../support/renderer/request-gate.js'
import { servePage } from '../../support/renderer/serve-page.js'
import { openWizardBench, type WizardBench } from '../../support/renderer/wizard-bench.js'
import { button, chooseExample, chooseExampleModel, startRun } from '../../support/renderer/wizard-steps.js'

const demo = resolve(import.meta.dirname, '../../../resources/demo')

let bench: WizardBench
beforeAll(async () => {
  bench = await openWizardBench()
})
afterAll(() => bench.close())

const cancel = (page: Page) => page.getByRole('button', { name: 'Cancel' }).click()

describe.skipIf(!isEngineBuilt)('the wizard, misused (npm run build)', () => {
  it('can be cancelled at each step, and goes on as if nothing had been asked', async () => {
    await bench.withApp('cancelled', async ({ page, problems }) => {
      const gate = await RequestGate.open(page)
      const example = page.getByRole('radio', { name: /zerotune-demo/ })
      await gate.holdAt(
        'model.inspect',
        () => example.check(),
        () => cancel(page),
      )
      await page.getByText('No model chosen yet').waitFor()
      await chooseExampleModel(page)

      await gate.holdAt(
        'data.describe',
        () => button(page, 'Use the example').click(),
        () => cancel(page),
      )
      await button(page, 'Use the example').click()
      await button(page, 'Continue to Train').waitFor()
      await gate.holdAt(
        'data.check',
        () => page.getByRole('switch', { name: /as many rows of each label/ }).click(),
        () => cancel(page),
      )
      await button(page, 'Check the rows again').click()
      await gate.holdAt(
        'plan.dryRun',
        () => button(page, 'Continue to Train').click(),
        () => cancel(page),
      )
      await page.getByText('Not measured on this machine yet.').waitFor()
      await button(page, 'Measure some steps').click()
      await page.getByText('Peak memory, measured').waitFor()

      await startRun(page, 60)
      await gate.holdAt(
        'compare.evaluate',
        () => button(page, 'Continue to Compare').click(),
        () => cancel(page),
      )
      await page.getByText('Not scored yet').first().waitFor()
      await button(page, 'Score all held-out rows').click()
      await page.getByRole('heading', { level: 2, name: 'Figures' }).waitFor()
      await page.getByRole('tab', { name: 'Chat' }).click()
      await button(page, 'Use a prompt of the data').click()
      await gate.holdAt(
        'chat.generate',
        () => button(page, 'Ask both').click(),
        () => button(page, 'Stop').click(),
      )
      await page.getByText('stopped').first().waitFor()

      await button(page, 'Continue to Export').click()
      await page.getByLabel('Name', { exact: true }).fill('Mine')
      await gate.holdAt(
        'export.write',
        () => button(page, 'Export').click(),
        () => cancel(page),
      )
      await page.getByText('No exports yet').waitFor()
      expect(filesIn(bench.stateFolder('cancelled'), /\.gguf$/)).toEqual([])
      await button(page, 'Export').click()
      await page.getByText('“Mine” is ready').waitFor()
      expect(await page.getByRole('alert').count()).toBe(1)
      expect(problems).toEqual([])
    })
  })

  it('says at each step which file is bad, by its name alone, and goes on with a good one', async () => {
    const folder = bench.stateFolder('bad')
    const own = (name: string): string => join(folder, 'mine', name)
    mkdirSync(own(''), { recursive: true })
    copyFileSync(join(demo, 'zerotune-demo.Q4_1.gguf'), own('model.gguf'))
    copyFileSync(join(demo, 'train.tsv'), own('rows.tsv'))
    writeFileSync(own('half.gguf'), 'GGUF, and then the disk was full')
    writeFileSync(own('picture.tsv'), Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'))

    const openModel = async (page: Page, name: string): Promise<void> => {
      await page.getByLabel(/Path of a GGUF file/).fill(own(name))
      await page.keyboard.press('Enter')
    }
    const openRows = async (page: Page, name: string): Promise<void> => {
      await page.getByLabel(/Or its path on this computer/).fill(own(name))
      await page.keyboard.press('Enter')
    }
    const isNamed = async (page: Page, name: string): Promise<void> => {
      const notice = page.getByRole('alert').filter({ hasText: `“${name}”` })
      await notice.first().waitFor()
      expect(await page.getByRole('main').innerText()).not.toContain(folder)
    }

    await bench.withApp('bad', async ({ page }) => {
      await openModel(page, 'none.gguf')
      await isNamed(page, 'none.gguf')
      await openModel(page, 'half.gguf')
      await isNamed(page, 'half.gguf')
      await openModel(page, 'model.gguf')
      await page.getByText('Fits and trains').waitFor()
      await button(page, 'Continue to Data').click()

      await openRows(page, 'picture.tsv')
      await isNamed(page, 'picture.tsv')
      await button(page, 'Change…').click()
      await openRows(page, 'rows.tsv')
      await button(page, 'Continue to Train').waitFor()
      renameSync(own('model.gguf'), own('moved.gguf'))
      await button(page, 'Continue to Train').click()
      await isNamed(page, 'model.gguf')
      renameSync(own('moved.gguf'), own('model.gguf'))
      await page.reload()
      await startRun(page, 60)
      await button(page, 'Continue to Compare').waitFor()
    })

    appendFileSync(own('model.gguf'), 'one byte more')
    await bench.withApp('bad', async ({ page }) => {
      await page.getByRole('link', { name: 'Compare' }).click()
      await page.getByText('This is not the model that the run was made with.').waitFor()
      await page.getByRole('link', { name: 'Export' }).click()
      // Not the button to this page, which the page before has.
      await button(page, /^Export$/).click()
      await page.getByText('This is not the model that the run was made with.').waitFor()
      expect(filesIn(folder, /exports.*\.gguf/)).toEqual([])
    })
  })

  it('shows rows as text, whatever is in them', async () => {
    await bench.withApp('markup', async ({ page, problems }) => {
      await chooseExampleModel(page)
      const markup = '<img src=x onerror="document.title=1"><b>bold</b>'
      await page.getByText('Paste rows').click()
      const rows = Array.from({ length: 12 }, (_, row) => `${markup} ${row}\t${row % 2 ? 'good' : 'bad'}`)
      await page.getByLabel('Rows as text').fill(['text\tkind', ...rows].join('\n'))
      await button(page, 'Use these rows').click()
      await page.getByRole('table', { name: 'Rows' }).getByText(`${markup} 0`).waitFor()
      expect(await page.locator('main img, main b').count()).toBe(0)
      expect(await page.title()).toBe('Zerotune')
      expect(problems).toEqual([])
    })
  })

  it('has one window: a second one is told so, and one of another origin is not let in', async () => {
    await bench.withApp('windows', async ({ page, host }) => {
      await chooseExample(page)
      const second = await (await bench.browser.newContext()).newPage()
      await second.goto(host.address)
      await second.getByRole('heading', { level: 1, name: 'Zerotune is open in another window.' }).waitFor()
      await second.goto(host.address.replace(/#token=.*/, `#token=${'x'.repeat(32)}`))
      await second.reload()
      await second.getByRole('heading', { level: 1, name: /This address has been used/ }).waitFor()

      const elsewhere = await servePage(inject('pageFolder'))
      await second.goto(elsewhere.url)
      const { host: ours } = new URL(host.address)
      expect(await second.evaluate(outcomeOfLine, `ws://${ours}/socket`)).toBe('error')
      await elsewhere.close()
      await second.context().close()

      await page.getByRole('radio', { name: /Quick/ }).check()
      await page.getByText(/ steps of /).waitFor()
    })
  })

  it('answers what is no request with a refusal, and goes on', async () => {
    await bench.withApp('malformed', async ({ page, host, problems }) => {
      const gate = await RequestGate.open(page)
      const refused = { ok: false, error: { code: 'request-invalid' } }
      for (const name of Object.keys(requests)) {
        expect(await gate.ask(name, { bogus: 'x'.repeat(1000) }), name).toMatchObject(refused)
        expect(await gate.ask(name, ['../../etc/passwd']), name).toMatchObject(refused)
      }
      for (const name of ['no.such', '__proto__', 'constructor', '']) {
        expect(await gate.ask(name, null)).toMatchObject(refused)
      }
      for (const runId of ['../..', 'a/b', 'A', '', 'x'.repeat(65)]) {
        expect(await gate.ask('run.delete', { runId })).toMatchObject(refused)
      }
      expect(host.engine.state).toEqual({ state: 'ready' })
      await chooseExample(page)
      expect(problems).toEqual([])
    })
  })
})

/** Runs in the page: what becomes of a line to this address. */
function outcomeOfLine(url: string): Promise<string> {
  return new Promise((settle) => {
    const socket = new WebSocket(url)
    for (const name of ['open', 'error']) socket.addEventListener(name, () => settle(name))
  })
}

function filesIn(folder: string, name: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => name.test(path))
}
