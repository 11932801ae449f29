import type { Page } from 'playwright-core'
import type { Settings } from '../../../electron/ipc/app.js'
import { emptyDraft } from '../../../renderer/src/wizard/task-draft.js'
import { untouchedChoices } from '../../../renderer/src/wizard/untouched-choices.js'
import type { Answers } from './fake-host.js'
import { fixedAppAnswers } from './fixed-app.js'
import { fixedComparisonAnswers } from './fixed-comparison.js'
import { fixedData, fixedDataAnswers } from './fixed-data.js'
import { fixedHubAnswers, hubDownload } from './fixed-hub.js'
import { fixedAboutAnswers, fixedExportAnswers, fixedRunListAnswers } from './fixed-library.js'
import { fixedModelAnswers, fixedModels } from './fixed-models.js'
import { endedRun, fixedRun } from './fixed-runs.js'
import { fixedTrainingAnswers, readyWizard, runWizard } from './fixed-training.js'

/** A page or step in one of its states, in any language. */
export interface ShownPage {
  readonly name: string
  readonly path: string
  readonly answers: Answers
  /** What brings it into that state, without a word of any language. */
  readonly act?: (page: Page) => Promise<void>
}

const tab = (index: number) => async (page: Page) => page.getByRole('tab').nth(index).click()
const choose = (model: string) => async (page: Page) =>
  page.getByRole('radio', { name: new RegExp(model) }).check()
const chooseModel = { version: 1, model: { entry: fixedModels.smol, canTrain: true } }
const choices = { preset: 'balanced', budgetBytes: 4e9, ...untouchedChoices } as const
const labels = { prompt: '{message}\nTeam:', labelColumn: 'team' }
const chosenRows = {
  ...chooseModel,
  train: fixedData.train,
  dev: fixedData.dev,
  draft: { ...emptyDraft, ...labels },
}

/** Every page of the app, and every step of the wizard, in the states that people meet. */
export function everyPage(settings: Partial<Settings>): readonly ShownPage[] {
  const app = (wizard: unknown = null, more: Partial<Settings> = {}): Answers => ({
    ...fixedAppAnswers({ ...settings, ...more }, wizard),
    ...fixedModelAnswers(),
    ...fixedDataAnswers(),
  })
  const going = fixedRun()
  const ended = endedRun()
  const library = { ...fixedTrainingAnswers(), ...fixedExportAnswers(), ...fixedRunListAnswers() }
  const about = { ...library, ...fixedAboutAnswers }
  const after: Answers = {
    ...app(runWizard(ended, true)),
    ...fixedTrainingAnswers(ended),
    ...fixedComparisonAnswers(),
    ...fixedExportAnswers(),
  }
  return [
    { name: 'model', path: 'model', answers: app(), act: choose('SmolLM2') },
    { name: 'model-large', path: 'model', answers: app(), act: choose('70b') },
    { name: 'model-other', path: 'model', answers: app(), act: choose('mamba') },
    {
      name: 'model-hub',
      path: 'model',
      answers: { ...app(null, { isOffline: false }), ...fixedHubAnswers([hubDownload]) },
      act: tab(1),
    },
    { name: 'model-offline', path: 'model', answers: app(), act: tab(1) },
    { name: 'data-source', path: 'data', answers: app(chooseModel, { isOffline: false }) },
    { name: 'data', path: 'data', answers: app(chosenRows) },
    { name: 'train', path: 'train', answers: { ...app(readyWizard()), ...fixedTrainingAnswers() } },
    {
      name: 'train-probes',
      path: 'train',
      answers: {
        ...app(readyWizard({ choices: { ...choices, recipe: 'qzo', score: { kind: 'accuracy' } } })),
        ...fixedTrainingAnswers(),
      },
    },
    {
      name: 'train-prompt',
      path: 'train',
      answers: {
        ...app(readyWizard({ choices: { ...choices, recipe: 'exact-prompt' } })),
        ...fixedTrainingAnswers(),
      },
    },
    {
      name: 'train-going',
      path: 'train',
      answers: { ...app(runWizard(going, false)), ...fixedTrainingAnswers(going) },
    },
    { name: 'train-ended', path: 'train', answers: after },
    { name: 'compare', path: 'compare', answers: after },
    { name: 'compare-rows', path: 'compare', answers: after, act: tab(1) },
    { name: 'compare-chat', path: 'compare', answers: after, act: tab(2) },
    { name: 'export', path: 'export', answers: after },
    { name: 'runs', path: 'runs', answers: { ...app(), ...library } },
    { name: 'settings', path: 'settings', answers: { ...app(), ...about } },
    { name: 'about', path: 'about', answers: { ...app(), ...about } },
  ]
}

/** Unfolds all that is folded away. */
export async function unfold(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true
  })
}

/**
 * Texts that reach out of the window, or out of the box that they stand in. What scrolls, or is shortened with three dots on
 * purpose, is left out.
 */
export function textsCutOff(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth
    const scrolls = (element: Element): boolean => {
      for (let outer: Element | null = element; outer !== null; outer = outer.parentElement) {
        if (['auto', 'scroll'].includes(getComputedStyle(outer).overflowX)) return true
      }
      return false
    }
    const isHidden = (element: Element): boolean =>
      element.getClientRects().length === 0 || element.closest('.sr-only, .truncate, svg') !== null
    return [...document.body.querySelectorAll<HTMLElement>('*')]
      .filter((element) => [...element.childNodes].some((node) => (node.nodeValue ?? '').trim() !== ''))
      .filter((element) => !isHidden(element) && !scrolls(element))
      .filter((element) => {
        const isCut =
          getComputedStyle(element).display !== 'inline' && element.scrollWidth > element.clientWidth + 1
        return isCut || element.getBoundingClientRect().right > width + 1
      })
      .map((element) => element.innerText.slice(0, 80))
  })
}
