import { setImmediate } from 'node:timers/promises'
import {
  EngineError,
  forgetPeakMemory,
  measureMemory,
  runFolder,
  runJob,
  type Device,
  type OpenModel,
  type RunData,
  type TrainEvent,
  type TrainJob,
} from '../../core/index.js'
import type { Tell } from '../ipc/contract.js'
import type { RunHistory, RunState, RunSummary, RunVitals } from '../ipc/runs.js'
import { LiveCurves } from './live-curves.js'
import type { RunFolders, RunRecord } from './run-records.js'
import { RunTelling } from './run-telling.js'
import { saveCurve } from './saved-curve.js'
import { summarizeRun } from './summarize-run.js'
import { vitalsAfter } from './vitals.js'

export interface CurrentRunOptions {
  readonly runId: string
  readonly job: TrainJob
  readonly model: OpenModel
  readonly data: RunData
  readonly device: Device
  readonly folders: RunFolders
  readonly record: RunRecord
  readonly tell: Tell
  /** Milliseconds from any fixed moment. */
  readonly now: () => number
}

/** After these events the run stands between two steps, and can end by itself. */
const restingEvents: ReadonlySet<TrainEvent['type']> = new Set(['step', 'evaluation'])

/** The run that goes, driven from one event to the next, so that it can be asked, pause and stop between any two. */
export class CurrentRun {
  readonly runId: string
  /** Settles when the run is over and closed. Never fails: what went wrong is in the record. */
  readonly ended: Promise<void>
  readonly #options: CurrentRunOptions
  readonly #stopping = new AbortController()
  readonly #curves: LiveCurves
  readonly #telling: RunTelling
  #record: RunRecord
  #state: RunState = 'preparing'
  #vitals: RunVitals
  /** Goes on after a pause. */
  #goOn: (() => void) | null = null

  /** Begins, or goes on with, a run whose folder and record are there. @throws EngineError 'run-invalid' */
  constructor(options: CurrentRunOptions) {
    const { runId, folders, job, tell, now } = options
    this.runId = runId
    this.#options = options
    this.#record = { ...options.record, end: null, failure: null, problem: null, isStopped: false }
    this.#curves = new LiveCurves(runFolder(folders.find(runId)), job)
    this.#vitals = {
      activity: 'loading',
      done: null,
      total: null,
      stepMs: null,
      remainingMs: null,
      budgetBytes: job.budgetBytes,
      ...measureMemory(),
    }
    this.#telling = new RunTelling({
      runId,
      tell,
      now,
      vitals: () => this.#vitals,
      step: () => this.#curves.step,
    })
    this.#keep({})
    this.ended = this.#go()
  }

  get state(): RunState {
    return this.#state
  }

  get vitals(): RunVitals {
    return this.#vitals
  }

  get job(): TrainJob {
    return this.#options.job
  }

  history(): RunHistory {
    return this.#curves.history()
  }

  summary(): RunSummary {
    return summarizeRun(this.#options.folders, this.runId, this.#state)
  }

  /** Keeps a new name or note. */
  rename(changes: Partial<Pick<RunRecord, 'name' | 'note'>>): void {
    this.#keep(changes)
    this.#tellSummary()
  }

  /** Stops after this step and keeps everything in memory. @throws EngineError 'run-not-ready' */
  pause(): void {
    if (this.#state === 'pausing' || this.#state === 'paused') return
    this.#require(['preparing', 'running'])
    this.#become('pausing')
  }

  /** Goes on after a pause. @throws EngineError 'run-not-ready' */
  unpause(): void {
    this.#require(['pausing', 'paused'])
    this.#become('running')
    this.#goOn?.()
  }

  /** Stops as soon as it can, keeps what was learned, and settles when the run is closed. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    if (this.#state !== 'stopping') this.#become('stopping')
    this.#goOn?.()
    await this.ended
  }

  async #go(): Promise<void> {
    const { job, model, data, device, folders, now } = this.#options
    await setImmediate()
    this.#tellSummary()
    forgetPeakMemory()
    const folder = runFolder(folders.find(this.runId))
    const run = runJob({ folder, job, model, data, device, now }, this.#stopping.signal)
    try {
      for (let next = await run.next(); next.done !== true; next = await run.next()) {
        this.#note(next.value)
        await setImmediate()
        await this.#restWhilePaused()
        // In the middle of an evaluation a run would go on to its end; ended here, only that is lost.
        if (this.#stopping.signal.aborted && !restingEvents.has(next.value.type)) break
      }
    } catch (thrown) {
      this.#keep({ failure: EngineError.from(thrown).toData() })
    } finally {
      await run.return(undefined)
      this.#finish()
    }
  }

  #note(event: TrainEvent): void {
    if (this.#state === 'preparing') this.#become('running')
    this.#vitals = vitalsAfter(this.#vitals, event)
    switch (event.type) {
      case 'start': {
        const { trainedNumbers, trainExamples, devExamples } = event
        this.#keep({ trainedNumbers, trainRows: trainExamples, devRows: devExamples })
        break
      }
      case 'notice':
        this.#noteOnce(event.message)
        break
      case 'step':
        this.#telling.addStep(this.#curves.addStep(event.step, event.loss, event.slope))
        break
      case 'evaluation': {
        const { step, loss, accuracy, examples } = event
        this.#telling.addEvaluation(this.#curves.addEvaluation({ step, loss, accuracy, examples }))
        this.#tellSummary()
        break
      }
      case 'end': {
        const { reason, step, bestStep, before, after, lossChange, isMeasurable } = event
        this.#keep({ end: { reason, step, bestStep, before, after, lossChange, isMeasurable } })
        break
      }
      case 'features':
      case 'base':
      case 'evaluating':
    }
    this.#telling.changed()
  }

  /** A resumed run says again what it said before. */
  #noteOnce(notice: string): void {
    if (this.#record.notices.includes(notice)) return
    this.#keep({ notices: [...this.#record.notices, notice] })
    this.#telling.addNotice(notice)
  }

  async #restWhilePaused(): Promise<void> {
    if (this.#state !== 'pausing') return
    const before = this.#vitals
    this.#vitals = { ...before, activity: 'paused' }
    const goOn = new Promise<void>((resolve) => {
      this.#goOn = resolve
    })
    this.#become('paused')
    this.#telling.flush()
    await goOn
    this.#goOn = null
    this.#vitals = before
  }

  #finish(): void {
    if (this.#record.end === null && this.#record.failure === null) this.#keep({ isStopped: true })
    this.#vitals = { ...this.#vitals, activity: 'none', done: null, total: null, remainingMs: null }
    this.#telling.flush()
    const folder = runFolder(this.#options.folders.find(this.runId))
    saveCurve(folder, this.#curves.step, this.#curves.history().steps)
    const { failure, end } = this.#record
    const isStopped = end === null || end.reason === 'stopped'
    this.#become(failure !== null ? 'failed' : isStopped ? 'stopped' : 'done')
  }

  #become(state: RunState): void {
    this.#state = state
    this.#tellSummary()
  }

  #tellSummary(): void {
    this.#options.tell('run.changed', this.summary())
  }

  #keep(changes: Partial<RunRecord>): void {
    this.#record = { ...this.#record, ...changes }
    this.#options.folders.writeRecord(this.runId, this.#record)
  }

  #require(states: readonly RunState[]): void {
    if (states.includes(this.#state)) return
    const message = `the run is ${this.#state}; expected it to be ${states.join(' or ')}`
    throw new EngineError('run-not-ready', { runId: this.runId, state: this.#state }, message)
  }
}
