import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AppBench, openAppBench } from '../../support/renderer/app-bench.js'
import { fixedAppAnswers } from '../../support/renderer/fixed-app.js'
import { fixedDataAnswers } from '../../support/renderer/fixed-data.js'
import { fixedModelAnswers, fixedModels } from '../../support/renderer/fixed-models.js'

let bench: AppBench
beforeAll(async () => {
  bench = await openAppBench()
})
afterAll(() => bench.close())

const answers = (language: string | null = 'en') => ({
  ...fixedAppAnswers({ language }),
  ...fixedModelAnswers(),
  ...fixedDataAnswers(),
})

describe('the shell', () => {
  it('speaks German where the person wants it, numbers included', async () => {
    const { page, problems } = await bench.open(answers('de-AT'))
    await page.getByRole('radio', { name: /SmolLM2/ }).check()
    await page.getByText('Passt und ist trainierbar').waitFor()
    await page.getByText('98,4 MB').first().waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe('de')
    expect(problems).toEqual([])
  })

  it('changes theme and language of a running page when the settings change', async () => {
    const { page, host } = await bench.open(answers())
    const settings = {
      theme: 'dark' as const,
      language: 'de',
      threads: null,
      isOffline: true,
      runsFolder: null,
      exportsFolder: null,
      looksInLibraries: true,
      device: 'auto' as const,
      deviceMemoryBytes: null,
    }
    await host.tell(page, 'settings.changed', settings)
    await page.getByRole('heading', { level: 1, name: 'Modell' }).waitFor()
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark')
  })

  it('says that the engine is gone, and starts it again with one click', async () => {
    const { page, host } = await bench.open(answers())
    await host.tell(page, 'engine.changed', { state: 'gone', cause: 'crashed', runId: null, detail: '' })
    await page.getByText('Engine stopped').waitFor()
    await page.getByRole('button', { name: 'Start the engine again' }).click()
    await page.getByText('Engine ready').waitFor()
  })

  it('shows a model that the system asked to open, from any page', async () => {
    const { page, host } = await bench.open(answers(), 'data')
    await page.getByRole('heading', { level: 1, name: 'Data' }).waitFor()
    await host.tell(page, 'model.opened', fixedModels.smol)
    await page.getByRole('heading', { level: 1, name: 'Model' }).waitFor()
    await page.getByText('Fits and trains').waitFor()
  })

  it('mirrors itself for scripts that run from right to left', async () => {
    const { page } = await bench.open(answers())
    await page.evaluate(() => (document.documentElement.dir = 'rtl'))
    const rail = await page.getByRole('navigation').boundingBox()
    expect(rail?.x).toBeGreaterThan(1000)
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    expect(overflow).toBe(0)
  })

  it('fits a window of half the usual width without cutting words off', async () => {
    const { page } = await bench.open(answers())
    await page.setViewportSize({ width: 1024, height: 640 })
    expect(await page.evaluate(() => document.body.scrollWidth)).toBeLessThanOrEqual(1024)
  })

  it('holds still for people who asked for less motion', async () => {
    const { page } = await bench.open(answers())
    await page.emulateMedia({ reducedMotion: 'reduce' })
    const durations = await page.evaluate(() =>
      [...document.querySelectorAll('*')].map((element) =>
        parseFloat(getComputedStyle(element).transitionDuration),
      ),
    )
    expect(Math.max(...durations)).toBeLessThan(0.001)
  })
})
