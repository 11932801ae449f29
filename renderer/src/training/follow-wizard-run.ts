import { EngineError } from '../../../core/schema/engine-error.js'
import type { RunState, RunSummary } from '../../../electron/ipc/runs.js'
import type { Client } from '../bridge/client.js'
import type { useWizard } from '../wizard/wizard-store.js'

const over: readonly RunState[] = ['done', 'stopped', 'failed', 'interrupted']

/** Whether nothing happens to a run any more unless it is resumed. */
export function isOverState(state: RunState): boolean {
  return over.includes(state)
}

/** A run that has ended with something to compare and to export. */
export function isDoneRun({ state, best, before }: Pick<RunSummary, 'state' | 'best' | 'before'>): boolean {
  return (state === 'done' || state === 'stopped') && (best ?? before) !== null
}

/** Keeps the wizard's word about its run true, whichever page is open: its name, and whether it has ended. */
export async function followWizardRun(client: Client, wizard: ReturnType<typeof useWizard>): Promise<void> {
  function take(summary: RunSummary): void {
    const { run } = wizard.state
    if (run?.runId !== summary.runId) return
    const isDone = isDoneRun(summary)
    if (run.isDone !== isDone || run.name !== summary.name) {
      wizard.choose({ run: { runId: run.runId, name: summary.name, isDone } })
    }
  }

  client.listen('run.changed', take)
  const { run } = wizard.state
  if (run === null) return
  try {
    take((await client.request('run.get', { runId: run.runId })).summary)
  } catch (thrown) {
    // Deleted since, in another window or by hand. Any other failure shows on the run's own page.
    if (EngineError.from(thrown).code === 'unknown-item') wizard.choose({ run: null })
  }
}
