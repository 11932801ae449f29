import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AnyOpenModel } from '../../core/engine/open-graph-model.js'
import { openCpuDevice } from '../../core/runtime/ort-device.js'
import type { RunData } from '../../core/training/open-data.js'
import { runJob } from '../../core/training/open-run.js'
import { planAnyRun } from '../../core/training/plan-any.js'
import type { RunChoices } from '../../core/training/plan-run.js'
import { createRun, runFolder, type RunFolder } from '../../core/training/run-folder.js'
import { temporaryFolder } from './temporary-folder.js'

/** A model with its rows. */
export interface OpenedRows<Model extends AnyOpenModel> {
  readonly model: Model
  readonly data: RunData
}

/** Runs a job in sessions that each end after so many steps; the last one goes to the end. */
export async function runInSessions(
  { model, data }: OpenedRows<AnyOpenModel>,
  choices: RunChoices,
  sessions: readonly number[],
): Promise<RunFolder> {
  const { job } = planAnyRun(choices, model, data)
  const folder = runFolder(join(temporaryFolder(), 'run'))
  createRun(folder, job, null)
  for (const steps of [...sessions, Infinity]) {
    const stop = new AbortController()
    const context = { folder, job, model, data, device: openCpuDevice({ threads: 1 }), now: () => 0 }
    let taken = 0
    for await (const event of runJob(context, stop.signal)) {
      if (event.type === 'step' && ++taken === steps) stop.abort()
    }
  }
  return folder
}

/** What decides a run's result, byte for byte. */
export function bytesOfRun({ journalPath, metricsPath, bestStatePath }: RunFolder): string[] {
  return [journalPath, metricsPath, bestStatePath].map((path) => readFileSync(path).toString('base64'))
}
