import type { TrainJob } from '../../core/index.js'
import type { RequestOutput } from '../ipc/contract.js'
import { runSettings } from '../ipc/choices.js'
import type { RunDetails } from '../ipc/runs.js'

type Difference = RequestOutput<'run.compare'>['differences'][number]

/** The settings in which runs differ, each with its value in every run. */
export function settingDifferences(runs: readonly RunDetails[], jobs: readonly TrainJob[]): Difference[] {
  const all: Difference[] = [
    { setting: 'model', values: runs.map(({ selectionNames }) => selectionNames.model) },
    { setting: 'train', values: runs.map(({ selectionNames }) => selectionNames.train) },
    { setting: 'dev', values: runs.map(({ selectionNames }) => selectionNames.dev) },
    { setting: 'task', values: jobs.map(({ task }) => JSON.stringify(task)) },
    ...runSettings
      .keyof()
      .options.map((setting) => ({ setting, values: runs.map(({ settings }) => settings[setting]) })),
  ]
  return all.filter(({ values }) => new Set(values).size > 1)
}
