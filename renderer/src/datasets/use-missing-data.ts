import { computed, type ComputedRef } from 'vue'
import { useText } from '../text/use-text.js'
import { draftGap, emptyDraft } from '../wizard/task-draft.js'
import { useWizard } from '../wizard/wizard-store.js'
import { useDatasets } from './datasets-store.js'

/** What the main button of the data step says, and the place on the page that it leads to. */
export interface MissingData {
  readonly at: 'model' | 'source' | 'task' | 'check' | 'problems' | 'wait'
  readonly text: string
}

/** The next thing that the data step lacks; undefined when it is done. */
export function useMissingData(): ComputedRef<MissingData | undefined> {
  const { t, format } = useText()
  const wizard = useWizard()
  const datasets = useDatasets()

  return computed(() => {
    const { model, train, draft, leaveOutBadRows } = wizard.state
    if (model?.canTrain !== true) return { at: 'model', text: t('datasets.modelFirst') }
    if (train === null) return { at: 'source', text: t('datasets.choose') }
    if (datasets.describing.isRunning) return { at: 'wait', text: t('datasets.checking') }
    const gap = draftGap(draft ?? emptyDraft)
    if (gap !== undefined) return { at: 'task', text: t(`datasets.gaps.${gap}`) }
    if (wizard.stateOf('data') === 'done') return undefined
    if (datasets.checking.isRunning) return { at: 'wait', text: t('datasets.checking') }
    if (datasets.checking.error !== undefined && !datasets.isStale) {
      return { at: 'task', text: t('datasets.correct') }
    }
    const badRows = datasets.check?.badRowCount ?? 0
    if (badRows > 0 && !leaveOutBadRows && !datasets.isStale) {
      const count = format.value.count(badRows)
      return { at: 'problems', text: t('datasets.leaveOutFirst', { count }, badRows) }
    }
    return { at: 'check', text: t('datasets.checkAgain') }
  })
}
