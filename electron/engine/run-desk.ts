import { randomBytes } from 'node:crypto'
import { basename } from 'node:path'
import {
  createRun,
  EngineError,
  inspectModel,
  measureMemory,
  readJob,
  requireSameModel,
  runFolder,
  withDeviceLayers,
  type TrainJob,
} from '../../core/index.js'
import type { ParsedInput, RequestOutput } from '../ipc/contract.js'
import type { RunDetails, RunSummary } from '../ipc/runs.js'
import type { EngineContext } from './context.js'
import { CurrentRun, type CurrentRunOptions } from './current-run.js'
import { planChoices } from './job-choices.js'
import { withProbedLayers } from './probed-layers.js'
import type { RunFolders, RunRecord } from './run-records.js'
import { reopenRows } from './reopen-rows.js'
import { settingDifferences } from './setting-differences.js'
import { settingsOf } from './run-settings.js'
import { startingAt, startOf } from './starting-point.js'
import { shownPath } from './shown-path.js'
import { historyOf, summarizeRun } from './summarize-run.js'
import { quietTask } from './tasks.js'

/** Runs on disk, and the one that this process works on: never more than one. */
export class RunDesk {
  readonly #context: EngineContext
  readonly #folders: RunFolders
  #current: CurrentRun | null = null

  constructor(context: EngineContext, folders: RunFolders) {
    this.#context = context
    this.#folders = folders
  }

  /** The run that goes. */
  get current(): CurrentRun | null {
    return this.#current
  }

  /** The run that goes, by name. @throws EngineError 'run-not-ready' where it does not go */
  require(runId: string): CurrentRun {
    if (this.#current?.runId === runId) return this.#current
    const { state } = this.summary(runId)
    throw new EngineError('run-not-ready', { runId, state }, `the run is ${state}, it does not go now`)
  }

  /** Plans a run, makes its folder and begins. @throws EngineError 'run-active', 'memory-budget-exceeded', of the readers */
  async start({ taskId, selection, choices, name }: ParsedInput<'run.start'>): Promise<RunSummary> {
    this.#refuseSecond()
    const { tasks, selections, files, today } = this.#context
    return tasks.run(taskId, async (task) => {
      const { model, data, date } = await selections.openToTrain(selection, choices, task)
      const wanted = startingAt(this.#folders, choices)
      const first = planChoices(wanted, date, model, data)
      if (first.exceeds) throw tooLarge(first.memory.totalBytes, choices.budgetBytes)
      const device = await this.#context.devices.chosen()
      const precision = await this.#context.devices.precisionOn(device, choices.precision)
      const widest = { ...first, job: { ...first.job, precision } }
      const plan = await withProbedLayers(widest, wanted, { date, model, data, device }, task)
      this.#refuseSecond()
      const names = {
        modelName: files.find(selection.model, 'model').name,
        trainName: files.find(selection.train, 'data').name,
        devName: selection.dev === null ? null : files.find(selection.dev, 'data').name,
      }
      const runId = newRunId(today())
      const onDevice = { ...plan.job, precision, device: device.name, threads: device.threads }
      const planned = withDeviceLayers(onDevice, this.#context.devices.layersOn(device), model, data)
      const { job, startState } = startOf(this.#folders, wanted, planned, model)
      createRun(runFolder(this.#folders.path(runId)), job, startState)
      const record: RunRecord = {
        version: 1,
        name: name ?? `${names.modelName.replace(/\.gguf$/i, '')}, ${names.trainName}`.slice(0, 120),
        note: '',
        createdAt: today().toISOString(),
        ...names,
        layerCount: model.model.description.layerCount,
        trainedNumbers: plan.trainedNumbers,
        trainRows: null,
        devRows: null,
        notices: [],
        end: null,
        isStopped: false,
        failure: null,
        problem: null,
      }
      return this.#begin({ runId, job, model, data, record, device })
    })
  }

  /** Goes on with a run that is on disk. @throws EngineError 'run-active', 'model-mismatch', 'run-invalid', of the readers */
  async resume(runId: string): Promise<RunSummary> {
    this.#refuseSecond()
    const folder = runFolder(this.#folders.find(runId))
    const job = readJob(folder)
    const model = await this.#context.models.open(job.model.path, new Date(job.date), quietTask)
    requireSameModel(job.model.sha256, model)
    const data = await reopenRows(job, model, folder, quietTask)
    const device = await this.#context.devices.ofRun(job)
    this.#refuseSecond()
    const record = this.#folders.readRecord(runId) ?? recordOf(runId, job, model.model.description.layerCount)
    return this.#begin({ runId, job, model, data, record, device })
  }

  /** Stops the run, if one goes, and keeps it. */
  async close(): Promise<void> {
    await this.#current?.stop()
  }

  /** Newest first. */
  list(): RunSummary[] {
    const runs = this.#folders.list().map((runId) => this.summary(runId))
    return runs.toSorted((left, right) => right.createdAt.localeCompare(left.createdAt))
  }

  summary(runId: string): RunSummary {
    const state = this.#current?.runId === runId ? this.#current.state : null
    return summarizeRun(this.#folders, runId, state)
  }

  /** Everything about a run, its history thinned. @throws EngineError 'unknown-item', 'run-invalid' */
  details(runId: string): RunDetails {
    const path = this.#folders.find(runId)
    const job = readJob(runFolder(path))
    const record = this.#folders.readRecord(runId) ?? recordOf(runId, job, layerCountOf(job))
    const current = this.#current?.runId === runId ? this.#current : null
    return {
      summary: this.summary(runId),
      settings: settingsOf(job, record.layerCount),
      selectionNames: { model: record.modelName, train: record.trainName, dev: record.devName },
      trainedNumbers: record.trainedNumbers,
      trainRows: record.trainRows,
      devRows: record.devRows,
      history: current?.history() ?? historyOf(this.#folders, runId),
      vitals: current?.vitals ?? { ...atRest, ...measureMemory(), budgetBytes: job.budgetBytes },
      notices: record.notices,
      location: shownPath(path, this.#context.config().homeFolder),
    }
  }

  /** Gives a run another name or note. */
  rename(runId: string, changes: Partial<Pick<RunRecord, 'name' | 'note'>>): RunSummary {
    if (this.#current?.runId === runId) {
      this.#current.rename(changes)
    } else {
      const job = readJob(runFolder(this.#folders.find(runId)))
      const record = this.#folders.readRecord(runId) ?? recordOf(runId, job, layerCountOf(job))
      this.#folders.writeRecord(runId, { ...record, ...changes })
    }
    return this.summary(runId)
  }

  /** Moves a run to the trash. @throws EngineError 'run-active' while it goes */
  discard(runId: string): void {
    if (this.#current?.runId === runId) {
      throw new EngineError('run-active', { runId }, 'the run still goes; stop it first')
    }
    this.#folders.discard(runId)
  }

  restore(runId: string): RunSummary {
    this.#folders.restore(runId)
    return this.summary(runId)
  }

  compare(runIds: readonly string[]): RequestOutput<'run.compare'> {
    const runs = runIds.map((runId) => this.details(runId))
    const jobs = runIds.map((runId) => readJob(runFolder(this.#folders.find(runId))))
    return {
      runs: runs.map(({ summary, settings, history }) => ({ summary, settings, history })),
      differences: settingDifferences(runs, jobs),
    }
  }

  #begin(parts: Omit<CurrentRunOptions, 'folders' | 'tell' | 'now'>): RunSummary {
    const { tell, now } = this.#context
    const run = new CurrentRun({
      ...parts,
      folders: this.#folders,
      tell,
      now,
    })
    this.#current = run
    void run.ended.then(() => {
      if (this.#current === run) this.#current = null
    })
    return run.summary()
  }

  #refuseSecond(): void {
    if (this.#current === null) return
    const { runId } = this.#current
    throw new EngineError(
      'run-active',
      { runId },
      'another run still goes; stop it first, or wait for its end',
    )
  }
}

const atRest = {
  activity: 'none',
  done: null,
  total: null,
  stepMs: null,
  remainingMs: null,
} as const

/** Sorts by time, and fits a file name. */
function newRunId(date: Date): string {
  const digits = date.toISOString().replaceAll(/\D/g, '')
  return `${digits.slice(0, 8)}-${digits.slice(8, 14)}-${randomBytes(3).toString('hex')}`
}

/** What can be said of a run that the command line made. */
function recordOf(runId: string, job: TrainJob, layerCount: number): RunRecord {
  return {
    version: 1,
    name: runId,
    note: '',
    createdAt: job.date,
    modelName: basename(job.model.path),
    trainName: basename(job.data.path),
    devName: job.data.dev === null ? null : basename(job.data.dev.path),
    layerCount,
    trainedNumbers: null,
    trainRows: null,
    devRows: null,
    notices: [],
    end: null,
    isStopped: true,
    failure: null,
    problem: null,
  }
}

function layerCountOf(job: TrainJob): number {
  try {
    return inspectModel(job.model.path).layerCount ?? job.recipe.endLayer
  } catch {
    // The model may be gone; its run can still be looked at.
    return job.recipe.endLayer
  }
}

function tooLarge(requiredBytes: number, availableBytes: number): EngineError {
  const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`
  const message = `this needs ${megabytes(requiredBytes)} at least, and the budget is ${megabytes(availableBytes)}`
  return new EngineError('memory-budget-exceeded', { requiredBytes, availableBytes }, message)
}
