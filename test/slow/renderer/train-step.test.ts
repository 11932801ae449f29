import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EngineError } from '../../../core/schema/engine-error.js'
import { type AppBench, openAppBench } from '../../support/renderer/app-bench.js'
import { axeViolations } from '../../support/renderer/axe.js'
import { fixedAppAnswers } from '../../support/renderer/fixed-app.js'
import { endedRun, fixedRun, goingVitals } from '../../support/renderer/fixed-runs.js'
import { fixedTrainingAnswers, readyWizard, runWizard } from '../../support/renderer/fixed-training.js'
import { pressTo } from '../../support/renderer/press-to.js'
import type { Settings } from '../../../electron/ipc/app.js'
import type { Answers } from '../../support/renderer/fake-host.js'

let bench: AppBench
beforeAll(async () => {
  bench = await openAppBench()
})
afterAll(() => bench.close())

const setup = (more: Answers = {}): Answers => ({
  ...fixedAppAnswers({}, readyWizard()),
  ...fixedTrainingAnswers(),
  ...more,
})
const follow = (run = fixedRun(), theme: Settings['theme'] = 'light', isDone = false): Answers => ({
  ...fixedAppAnswers({ theme }, runWizard(run, isDone)),
  ...fixedTrainingAnswers(run),
})

describe('planning a run', () => {
  it('measures two steps unasked and says the presets in time', async () => {
    const { page, host, problems } = await bench.open(setup(), 'train')
    await page.getByRole('radio', { name: /Balanced.*about 3 min 17 sec/ }).waitFor()
    expect(host.asked.filter(({ name }) => name === 'plan.dryRun')).toHaveLength(1)
    expect(problems).toEqual([])
  })

  it('follows the budget: the recipe, its reason and the memory bar', async () => {
    const { page } = await bench.open(setup(), 'train')
    await page.getByText('Exact gradients fit').waitFor()
    const budget = page.getByRole('slider', { name: 'Budget' })
    await budget.focus()
    await page.keyboard.press('Home')
    await page.getByText('Exact gradients would need 1.2 GB, more than the budget of 250 MB').waitFor()
    await page.getByText('This plan needs more than the budget').waitFor()
    await page.getByRole('img', { name: /Planned memory: .* of a budget of 250 MB/ }).waitFor()
    await page.getByRole('button', { name: /Raise the budget to/ }).click()
    await page.getByText('This plan needs more than the budget').waitFor({ state: 'detached' })
  })

  it('explains every setting, keeps what was set over a reload, and sets it back', async () => {
    const { page, host } = await bench.open(setup(), 'train')
    await page.getByText('All settings').click()
    await page.getByText('How often the trained numbers are moved.').waitFor()
    await page.getByLabel('Rows per step').fill('32')
    await page.keyboard.press('Tab')
    await expect
      .poll(() => host.asked.findLast(({ name }) => name === 'plan.make')?.input)
      .toMatchObject({ choices: { batchSize: 32 } })
    await expect.poll(() => host.asked.some(({ name }) => name === 'wizard.save')).toBe(true)
    await page.reload()
    await page.getByText('All settings').click()
    expect(await page.getByLabel('Rows per step').inputValue()).toBe('32')
    await page.getByRole('button', { name: 'Set all back' }).click()
    expect(await page.getByLabel('Rows per step').inputValue()).toBe('')
  })

  it('offers the settings of the recipe that was named, and no others', async () => {
    const { page, host } = await bench.open(setup(), 'train')
    await page.getByText('All settings').click()
    await page.getByText('How often the trained numbers are moved.').waitFor()
    expect(await page.getByLabel('Optimizer').count()).toBe(0)
    await page.getByRole('combobox', { name: 'Recipe' }).selectOption('exact-lora')
    const lastChoices = () => host.asked.findLast(({ name }) => name === 'plan.make')?.input
    await page.getByRole('checkbox', { name: 'Keys (attn_k)' }).check()
    await expect.poll(lastChoices).toMatchObject({ choices: { linears: ['attn_q', 'attn_k', 'attn_v'] } })
    expect(await page.getByRole('option', { name: /^SGD/ }).isDisabled()).toBe(true)
    await page.getByLabel('Learning rate', { exact: true }).fill('0.1')
    await page.keyboard.press('Tab')
    await page.getByLabel('Optimizer', { exact: true }).selectOption('sgd')
    await expect.poll(lastChoices).toMatchObject({ choices: { optimizer: 'sgd', learningRate: 0.1 } })
    expect(await page.getByLabel('Running means').count()).toBe(0)
    expect(await axeViolations(page)).toEqual([])
    await page.getByRole('combobox', { name: 'Recipe' }).selectOption('qzo-rows')
    expect(await page.getByLabel('Optimizer', { exact: true }).count()).toBe(0)
  })

  it('leaves a number that is being typed alone when the plan arrives', async () => {
    const { page } = await bench.open(setup(), 'train')
    await page.getByText('All settings').click()
    await page.getByLabel('Steps', { exact: true }).pressSequentially('12', { delay: 20 })
    await page.getByRole('radio', { name: /Balanced.*about 3 min 17 sec/ }).waitFor()
    await page.keyboard.type('34')
    await page.keyboard.press('Tab')
    await page.getByText('1,234 steps of 16 rows').waitFor()
  })

  it('says why a run did not start, and keeps everything as it was', async () => {
    const { page } = await bench.open(
      setup({
        'run.start': () => {
          throw new EngineError('memory-budget-exceeded', { requiredBytes: 5e9, availableBytes: 4e9 }, 'no')
        },
      }),
      'train',
    )
    await page.getByLabel('Name of the run').fill('Mine')
    await page.getByRole('button', { name: 'Start training' }).click()
    await page.getByRole('alert').getByText('This needs 5.0 GB of memory; the budget is 4.0 GB.').waitFor()
    expect(await page.getByLabel('Name of the run').inputValue()).toBe('Mine')
  })

  it('can be done with the keyboard alone', async () => {
    const { page } = await bench.open(setup(), 'train')
    await page.getByText('Exact gradients fit').waitFor()
    await pressTo(page, /Balanced/)
    await page.keyboard.press('ArrowRight')
    await page.getByText('1,200 steps of 16 rows').waitFor()
    await pressTo(page, /^Start training/)
    await page.keyboard.press('Enter')
    await page.getByText('Too early to say').waitFor()
  })

  it('sends people without a model or rows to the step that is missing', async () => {
    const answers = { ...fixedAppAnswers(), ...fixedTrainingAnswers() }
    const { page } = await bench.open(answers, 'train')
    await page.getByRole('main').getByRole('button', { name: 'Choose a model first' }).click()
    await page.getByRole('heading', { level: 1, name: 'Model' }).waitFor()
  })
})

describe('following a run', () => {
  it('shows figures, curves in words, and whether it learns', async () => {
    const { page, problems } = await bench.open(follow(), 'train')
    await page.getByText('It is learning').waitFor()
    await page.getByText('2.43 steps/s').waitFor()
    await page.getByText('912 MB in use, 1.2 GB at the peak, budget 4.0 GB').waitFor()
    await page.getByRole('img', { name: /Training loss over 230 steps/ }).waitFor()
    await page.getByRole('img', { name: /Accuracy on 872 held-out rows/ }).waitFor()
    expect(problems).toEqual([])
  })

  it('goes on with what the engine reports, drawing at most four times a second', async () => {
    const run = fixedRun({ step: 230 })
    const { page, host } = await bench.open(follow(run), 'train')
    await page.getByText('Step 230 of 400').waitFor()
    await page.evaluate(() => {
      const label = document.querySelector('[aria-label^="Training loss over"]')
      if (label === null) throw new Error('no chart')
      const counted = window as unknown as { changes: number }
      counted.changes = 0
      new MutationObserver(() => counted.changes++).observe(label, { attributeFilter: ['aria-label'] })
    })
    const later = fixedRun({ step: 330 }).history.steps
    const before = Date.now()
    for (let step = 231; step <= 290; step++) {
      await host.tell(page, 'run.progress', {
        runId: run.summary.runId,
        steps: later.filter((point) => point.step === step),
        evaluations: [],
        vitals: goingVitals,
        step,
        notices: [],
      })
    }
    await page.getByText('Step 290 of 400').waitFor()
    await page.getByRole('img', { name: /Training loss over 290 steps/ }).waitFor()
    const seconds = (Date.now() - before) / 1000
    const changes = await page.evaluate(() => (window as unknown as { changes: number }).changes)
    expect(changes).toBeLessThanOrEqual(4 * seconds + 1)
  })

  it('pauses, goes on, and asks before it discards', async () => {
    const { page, host } = await bench.open(follow(), 'train')
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('main').getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('button', { name: 'Discard…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('goes to the trash').waitFor()
    expect(await axeViolations(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Keep it' }).click()
    expect(host.asked.some(({ name }) => name === 'run.discard')).toBe(false)
    await page.getByRole('button', { name: 'Discard…' }).click()
    await dialog.getByRole('button', { name: 'Stop and discard' }).click()
    await page.getByRole('button', { name: 'Start training' }).waitFor()
  })

  it('says in plain words when nothing could be measured', async () => {
    const run = endedRun({ lossChange: { mean: -0.002, low: -0.02, high: 0.016 }, isMeasurable: false })
    const { page } = await bench.open(follow(run, 'light', true), 'train')
    await page.getByText('No change could be measured').waitFor()
    await page.getByRole('main').getByRole('button', { name: 'Continue to Compare' }).waitFor()
  })

  it('offers to resume a run whose process ended', async () => {
    const run = fixedRun({ summary: { state: 'interrupted' } })
    const { page } = await bench.open(follow(run), 'train')
    await page.getByText('This run ended without a word').waitFor()
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.getByRole('button', { name: 'Pause' }).waitFor()
  })

  it('shows a run of 100,000 steps about as soon as one of 400', async () => {
    const short = fixedRun({ step: 400, summary: { step: 400, steps: 400 } })
    const points = short.history.steps
    const steps = Array.from({ length: 2000 }, (_, index) => ({
      ...points[index % 400],
      step: (index + 1) * 50,
    }))
    const long = fixedRun({ summary: { step: 100_000, steps: 100_000 } })
    const untilShown = async (run: ReturnType<typeof fixedRun>, curve: RegExp): Promise<number> => {
      const { page } = await bench.open(follow(run), 'runs')
      await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor()
      const before = Date.now()
      await page.getByRole('link', { name: /Train/ }).click()
      await page.getByRole('img', { name: curve }).waitFor()
      return Date.now() - before
    }
    const ofShort = await untilShown(short, /Training loss over 400 steps/)
    const ofLong = { ...long, history: { ...long.history, steps } }
    // A ratio, because machines are shared: what lies between is 250 times as many steps.
    expect(await untilShown(ofLong, /Training loss over 100,000 steps/)).toBeLessThan(10 * ofShort)
  })

  it.each(['light', 'dark'] as const)('has nothing that axe finds wrong in the %s theme', async (theme) => {
    const plan = await bench.open({ ...setup(), ...fixedAppAnswers({ theme }, readyWizard()) }, 'train')
    await plan.page.getByText('All settings').click()
    await plan.page.getByText('Peak memory, measured').waitFor()
    expect(await axeViolations(plan.page)).toEqual([])
    const failure = { code: 'file-unwritable', details: { path: '~/runs/a' }, message: 'disk' } as const
    for (const run of [fixedRun(), endedRun(), fixedRun({ summary: { state: 'failed', failure } })]) {
      const { page } = await bench.open(follow(run, theme), 'train')
      await page.getByText('Settings of this run').click()
      expect(await axeViolations(page)).toEqual([])
    }
  })
})
