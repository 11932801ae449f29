import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AppBench, openAppBench } from '../../support/renderer/app-bench.js'
import { axeViolations } from '../../support/renderer/axe.js'
import type { Answers } from '../../support/renderer/fake-host.js'
import { fixedAppAnswers } from '../../support/renderer/fixed-app.js'
import { fixedData, fixedDataAnswers } from '../../support/renderer/fixed-data.js'
import { fixedHubAnswers, hubDownload, rowsDownload } from '../../support/renderer/fixed-hub.js'
import { fixedModelAnswers, fixedModels } from '../../support/renderer/fixed-models.js'
import { pressTo } from '../../support/renderer/press-to.js'

let bench: AppBench
beforeAll(async () => {
  bench = await openAppBench()
})
afterAll(() => bench.close())

const answers = (more: Answers = {}, settings = {}): Answers => ({
  ...fixedAppAnswers({ isOffline: false, ...settings }),
  ...fixedModelAnswers(),
  ...more,
})

async function showHub(page: Page): Promise<void> {
  await page.getByRole('tab', { name: 'From the hub' }).click()
  await page.getByRole('heading', { name: 'Models to begin with' }).waitFor()
}

async function search(page: Page, words: string): Promise<void> {
  await page.getByLabel('Name of a model, or OWNER/NAME').fill(words)
  await page.getByRole('button', { name: 'Search', exact: true }).click()
}

describe('the hub in the model step', () => {
  it('asks nobody before a person does, and nothing while the network is switched off', async () => {
    const { page, host, problems } = await bench.open(answers({}, { isOffline: true }))
    await showHub(page)
    await page.getByText('The network is switched off').waitFor()
    expect(await page.getByRole('button', { name: /SmolLM2 135M/ }).isDisabled()).toBe(true)
    const asked = () =>
      host.asked.filter(({ name }) => ['hub.search', 'hub.files', 'download.start'].includes(name))
    expect(asked()).toEqual([])
    await page.getByRole('button', { name: 'Allow the network' }).click()
    await page.getByRole('button', { name: /SmolLM2 135M/ }).click()
    await page.getByText('Files of bartowski/SmolLM2-135M-Instruct-GGUF').waitFor()
    expect(asked()).toHaveLength(1)
    expect(problems).toEqual([])
  })

  it('finds a model, shows what each file needs, and fetches one', async () => {
    const { page, host, problems } = await bench.open(answers())
    await showHub(page)
    await search(page, 'tiny')
    await page.getByRole('button', { name: /someone\/tiny-llama-GGUF/ }).click()
    const usual = page.getByRole('listitem').filter({ hasText: 'Usual choice' })
    await usual.getByText('Usual choice').waitFor()
    expect(await usual.innerText()).toMatch(/668 MB · Trains in about 1\.0 GB/)
    const large = page.getByRole('listitem').filter({ hasText: 'F32-00001' })
    expect(await large.innerText()).toMatch(/44\.0 GB · 2 files[^]*Above the usual budget/)
    const odd = page.getByRole('listitem').filter({ hasText: 'IQ1_S' })
    expect(await odd.getByRole('button').count()).toBe(0)
    await page.getByText('1 file has a name that no folder should have').waitFor()
    await page.getByRole('button', { name: 'Download tiny-llama-Q4_K_M.gguf' }).click()
    await page.getByText('210 MB of 668 MB · 11.4 MB/s · 40 sec left').waitFor()
    await usual.getByText('Downloading, 31%').waitFor()

    await host.tell(page, 'download.changed', { ...hubDownload, state: 'verifying' })
    await page.getByRole('progressbar', { name: /Checking its hash/ }).waitFor()
    const model = { ...fixedModels.smol, source: 'hub' as const }
    await host.tell(page, 'download.changed', {
      ...hubDownload,
      state: 'done',
      done: hubDownload.total,
      model,
    })
    await page.getByRole('heading', { name: 'Downloads' }).waitFor()
    await page.getByRole('button', { name: 'Choose tiny-llama-Q4_K_M.gguf' }).first().click()
    await page.getByText('Fits and trains').waitFor()
    expect(problems).toEqual([])
  })

  it('uses a file that is here already instead of fetching it', async () => {
    const { page } = await bench.open(answers())
    await showHub(page)
    await search(page, 'tiny')
    await page.getByRole('button', { name: /someone\/tiny-llama-GGUF/ }).click()
    await page.getByText('Already on this computer (Ollama)').waitFor()
    await page.getByRole('button', { name: 'Choose tiny-llama-Q8_0.gguf' }).click()
    await page.getByText('Fits and trains').waitFor()
  })

  it('looks up a name as it stands, and says when nothing is found', async () => {
    const { page } = await bench.open(answers())
    await showHub(page)
    await search(page, 'someone/nothing-like-it')
    await page.getByText('Nothing with GGUF files is called “someone/nothing-like-it”').waitFor()
    await page.getByRole('button', { name: 'Show the files of someone/nothing-like-it' }).click()
    await page.getByText('Files of someone/nothing-like-it').waitFor()
    await page.getByRole('button', { name: 'Back to the list' }).click()
    await search(page, '')
    await page.getByRole('heading', { name: 'Models to begin with' }).waitFor()
  })

  it('takes a token where one is needed, says where it is kept, and never shows it again', async () => {
    const { page, host } = await bench.open(answers())
    await showHub(page)
    await search(page, 'guarded')
    await page.getByRole('button', { name: /strict\/guarded-7b-GGUF.*Needs permission/ }).click()
    await page.getByRole('alert').getByText('without permission').waitFor()
    await page.getByText('Models that need a token').click()
    await page.getByText('kept until Zerotune ends').waitFor()
    await page.getByLabel('Token of your Hugging Face account').fill('hf_secret')
    await page.keyboard.press('Enter')
    await page.getByText('A token is kept.').waitFor()
    expect(host.asked).toContainEqual({ name: 'token.set', input: { token: 'hf_secret' } })
    // What was refused is asked for again.
    await page.getByText('Usual choice').waitFor()
    expect(await page.content()).not.toContain('hf_secret')
  })

  it('pauses, goes on after a restart, and asks before it throws away what came', async () => {
    const paused = { ...hubDownload, state: 'paused' as const, bytesPerSecond: null, remainingMs: null }
    const { page, host } = await bench.open(answers(fixedHubAnswers([paused])))
    await page.getByText('Paused', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Go on with tiny-llama-Q4_K_M.gguf' }).click()
    await page.getByRole('button', { name: 'Pause tiny-llama-Q4_K_M.gguf' }).click()
    await page.getByText('Paused', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Cancel tiny-llama-Q4_K_M.gguf' }).click()
    await page.getByRole('dialog').getByText('The 210 MB of').waitFor()
    await page.getByRole('button', { name: 'Cancel and throw away' }).click()
    await host.tell(page, 'download.changed', { ...paused, state: 'discarded' })
    await page.getByRole('heading', { name: 'Downloads' }).waitFor({ state: 'detached' })
  })

  it('says in the person’s words why a download failed', async () => {
    const failure = {
      code: 'space-missing' as const,
      details: { path: '~/models', requiredBytes: 668e6, availableBytes: 12e6 },
      message: 'not enough',
    }
    const failed = { ...hubDownload, state: 'failed' as const, failure }
    const { page } = await bench.open(answers(fixedHubAnswers([failed]), { language: 'de' }))
    await page
      .getByText('Auf dem Datenträger ist zu wenig Platz: 668 MB werden gebraucht, 12,0 MB sind frei.')
      .waitFor()
  })

  it('can be done with the keyboard alone', async () => {
    const { page } = await bench.open(answers())
    await page.getByRole('tab', { name: 'On this computer' }).focus()
    await page.keyboard.press('ArrowRight')
    await pressTo(page, /^Name of a model/)
    await page.keyboard.type('tiny')
    await page.keyboard.press('Enter')
    await pressTo(page, /^someone\/tiny-llama-GGUF/)
    await page.keyboard.press('Enter')
    await page.getByText('Usual choice').waitFor()
    await pressTo(page, /^Download tiny-llama-Q4_K_M/)
    await page.keyboard.press('Enter')
    await page.getByText('210 MB of 668 MB', { exact: false }).waitFor()
  })

  it.each(['light', 'dark'] as const)('has nothing that axe finds wrong in the %s theme', async (theme) => {
    const paused = { ...hubDownload, download: 'd2', file: 'other-Q4_0.gguf', state: 'paused' as const }
    const { page, problems } = await bench.open(answers(fixedHubAnswers([paused]), { theme }))
    await showHub(page)
    expect(await axeViolations(page)).toEqual([])
    await search(page, 'tiny')
    await page.getByRole('button', { name: /someone\/tiny-llama-GGUF/ }).waitFor()
    expect(await axeViolations(page)).toEqual([])
    await page.getByRole('button', { name: /someone\/tiny-llama-GGUF/ }).click()
    await page.getByText('Usual choice').waitFor()
    await page.getByRole('button', { name: 'Download tiny-llama-Q4_K_M.gguf' }).click()
    await page.getByText('Downloading').first().waitFor()
    expect(await axeViolations(page)).toEqual([])
    expect(problems).toEqual([])
  })
})

describe('the hub in the data step', () => {
  const withModel = { version: 1, model: { entry: fixedModels.smol, canTrain: true } }
  const ofData = (settings = {}): Answers => ({
    ...fixedAppAnswers({ isOffline: false, ...settings }, withModel),
    ...fixedModelAnswers(),
    ...fixedDataAnswers(),
  })

  it('finds a data set, fetches a file of it, and uses its rows', async () => {
    const { page, host, problems } = await bench.open(ofData(), 'data')
    await page.getByText('Find a data set on the hub').click()
    await page.getByLabel('Name of a data set, or OWNER/NAME').fill('reviews')
    await page.getByRole('button', { name: 'Search', exact: true }).click()
    await page.getByRole('button', { name: /someone\/reviews/ }).click()
    await page.getByText('Files of someone/reviews').waitFor()
    expect(await axeViolations(page)).toEqual([])
    await page.getByRole('button', { name: 'Download data/train.parquet' }).click()
    await page.getByText('Downloading, 26%').waitFor()
    expect(host.asked.find(({ name }) => name === 'download.start')?.input).toMatchObject({
      kind: 'dataset',
      name: 'someone/reviews',
      offer: 'data/train.parquet',
    })
    await host.tell(page, 'download.changed', { ...rowsDownload, state: 'done', rows: fixedData.mails })
    await page.getByRole('button', { name: 'Use train.parquet' }).click()
    await page.getByRole('heading', { name: 'Training rows' }).waitFor()
    expect(problems).toEqual([])
  })

  it('asks nobody while the network is switched off', async () => {
    const { page, host } = await bench.open(ofData({ isOffline: true }), 'data')
    await page.getByText('Find a data set on the hub').click()
    await page.getByText('Looking for data sets and downloading them need it').waitFor()
    expect(await page.getByRole('search').count()).toBe(0)
    expect(host.asked.some(({ name }) => name.startsWith('hub.search'))).toBe(false)
  })
})
