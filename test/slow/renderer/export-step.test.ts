import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Settings } from '../../../electron/ipc/app.js'
import { type AppBench, openAppBench } from '../../support/renderer/app-bench.js'
import { axeViolations } from '../../support/renderer/axe.js'
import type { Answers } from '../../support/renderer/fake-host.js'
import { fixedAppAnswers } from '../../support/renderer/fixed-app.js'
import { fixedComparisonAnswers } from '../../support/renderer/fixed-comparison.js'
import { fixedExport, fixedExportAnswers } from '../../support/renderer/fixed-library.js'
import { endedRun } from '../../support/renderer/fixed-runs.js'
import { fixedTrainingAnswers, runWizard } from '../../support/renderer/fixed-training.js'
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
  ...fixedExportAnswers(),
  ...more,
})

describe('exporting a run', () => {
  it('says what each format is for, what it needs, and why one is not possible', async () => {
    const { page } = await bench.open(answers(), 'export')
    await page.getByRole('radio', { name: /^GGUF.*needs 98.4 MB, 212 GB free/ }).waitFor()
    expect(await page.getByRole('radio', { name: /Ollama.*not installed here/ }).isDisabled()).toBe(true)
  })

  it('fills its checklist in as the engine reports, and is done only when it was proved', async () => {
    let finish = (): void => undefined
    const finished = new Promise<void>((resolve) => (finish = resolve))
    const { page, host, problems } = await bench.open(
      answers({
        'export.write': async () => {
          await finished
          return fixedExport
        },
      }),
      'export',
    )
    await page.getByRole('button', { name: 'Export', exact: true }).click()
    await page.getByRole('listitem').filter({ hasText: 'Rebuild the state' }).getByText('under way').waitFor()
    const { taskId } = host.asked.findLast(({ name }) => name === 'export.write')?.input as { taskId: string }
    await host.tell(page, 'task.progress', { taskId, phase: 'proving', done: 1, total: 4, unit: 'rows' })
    await page.getByRole('listitem').filter({ hasText: 'Let it generate' }).getByText('under way').waitFor()
    await page.getByRole('listitem').filter({ hasText: 'Write the file' }).getByText('done').waitFor()
    expect(await axeViolations(page)).toEqual([])
    finish()
    await page.getByText('“SmolLM2-135M-sst2” is ready').waitFor()
    await page.getByText('It stops by itself').waitFor()
    expect(problems).toEqual([])
  })

  it('writes another type of GGUF where one is chosen, and only there', async () => {
    const { page, host } = await bench.open(answers(), 'export')
    const types = page.getByLabel('File type')
    await types.selectOption('Q8_0, 145 MB')
    await page.getByRole('button', { name: 'Export', exact: true }).click()
    await page.getByText('is ready').waitFor()
    const asked = (): unknown => host.asked.findLast(({ name }) => name === 'export.write')?.input
    expect(asked()).toMatchObject({ format: 'gguf', type: 'q8_0' })
    await page.getByRole('radio', { name: /^ONNX/ }).check()
    await types.waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Export', exact: true }).click()
    await page.getByText('is ready').waitFor()
    expect(asked()).toMatchObject({ format: 'onnx', type: null })
  })

  it('can be cancelled', async () => {
    const never = new Promise<never>(() => undefined)
    const { page, host } = await bench.open(answers({ 'export.write': () => never }), 'export')
    await page.getByRole('button', { name: 'Export', exact: true }).click()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Export', exact: true }).waitFor()
    expect(host.asked.some(({ name }) => name === 'task.cancel')).toBe(true)
  })

  it('says what went wrong and leaves nothing that looks done', async () => {
    const { page } = await bench.open(answers(fixedExportAnswers({ fails: true })), 'export')
    await page.getByRole('button', { name: 'Export', exact: true }).click()
    await page.getByRole('alert').getByText('did not read back as it was written').waitFor()
    expect(await page.getByText('is ready').count()).toBe(0)
    await page.getByText('No exports yet').waitFor()
  })

  it('shows the model card as the text it is', async () => {
    const { page, problems } = await bench.open(answers(), 'export')
    await page.getByText('Model card.').click()
    await page.getByText('<script>alert(1)</script>').waitFor()
    expect(problems).toEqual([])
  })

  it('can be done with the keyboard alone', async () => {
    const { page } = await bench.open(answers(), 'export')
    await page.getByRole('radio', { name: /^GGUF/ }).waitFor()
    await pressTo(page, /GGUF/)
    await page.keyboard.press('ArrowDown')
    await pressTo(page, /^Export$/)
    await page.keyboard.press('Enter')
    await page.getByText('is ready').waitFor()
    await pressTo(page, /^Copy path/)
  })

  it.each(['light', 'dark'] as const)('has nothing that axe finds wrong in the %s theme', async (theme) => {
    const { page } = await bench.open(answers({}, theme), 'export')
    await page.getByRole('radio', { name: /^GGUF/ }).waitFor()
    expect(await axeViolations(page)).toEqual([])
    await page.getByRole('button', { name: 'Export', exact: true }).click()
    await page.getByText('is ready').waitFor()
    expect(await axeViolations(page)).toEqual([])
  })
})
