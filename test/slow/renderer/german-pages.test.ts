import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AppBench, openAppBench } from '../../support/renderer/app-bench.js'
import { everyPage, textsCutOff, unfold } from '../../support/renderer/every-page.js'

let bench: AppBench
beforeAll(async () => {
  bench = await openAppBench()
})
afterAll(() => bench.close())

/** German words are long: what they fit into, English ones do. */
describe('every page in German, in a window of 1280 pixels', () => {
  it.each(everyPage({ language: 'de' }))('$name shows all of its words', async ({ path, answers, act }) => {
    const { page, problems } = await bench.open(answers, path)
    await act?.(page)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await unfold(page)
    await expect.poll(() => textsCutOff(page)).toEqual([])
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    expect(overflow).toBe(0)
    expect(problems).toEqual([])
    await page.context().close()
  })
})
