import { readFileSync } from 'node:fs'
import { meanInterval } from '../evaluation/confidence.js'
import { writeFileAtomic } from '../formats/atomic-file.js'
import { EngineError } from '../schema/engine-error.js'
import { CheckedLog } from './checked-log.js'
import { keepEvaluatedState } from './evaluated-states.js'
import type { RunFolder } from './run-folder.js'
import { devLosses, journalLine, metricsLine, type JournalLine, type MetricsLine } from './run-records.js'
import { writeStatePieces } from './state-file.js'

/** What a run has done so far, on disk. An evaluation's files are written before its line, so a line vouches for them. */
export class RunHistory {
  readonly #folder: RunFolder
  readonly #journal: CheckedLog<JournalLine>
  readonly #metricsLog: CheckedLog<MetricsLine>
  readonly #metrics: MetricsLine[]
  #steps: readonly JournalLine[]
  #stepCount: number

  /** @throws EngineError 'run-invalid', 'file-unwritable' */
  constructor(folder: RunFolder) {
    this.#folder = folder
    this.#journal = new CheckedLog(folder.journalPath, (value) => journalLine.parse(value))
    this.#metricsLog = new CheckedLog(folder.metricsPath, (value) => metricsLine.parse(value))
    this.#metrics = this.#metricsLog.takeOpened()
    this.#steps = this.#journal.takeOpened()
    this.#stepCount = this.#steps.length
    this.#steps.forEach(({ step }, index) => {
      if (step !== index) throw this.damaged(`line ${index + 1}`, `step ${index}, not ${step},`)
    })
  }

  /** Steps taken. */
  get stepCount(): number {
    return this.#stepCount
  }

  /** The steps of earlier sessions, in order, for whoever takes them again. Given once: a long run's steps are not held. */
  takeSteps(): readonly JournalLine[] {
    const steps = this.#steps
    this.#steps = []
    return steps
  }

  /** What to throw where the journal does not hold what it should. */
  damaged(where: string, expected: string): EngineError {
    const path = this.#folder.journalPath
    return new EngineError('run-invalid', { path, where }, `${path} should have ${expected} at ${where}`)
  }

  hasEvaluation(step: number): boolean {
    return this.#metrics.some((line) => line.step === step)
  }

  appendStep(line: JournalLine): void {
    this.#journal.append(line)
    this.#stepCount++
  }

  /**
   * Keeps an evaluation, and the state where it is the best so far.
   *
   * @param keepsEachState keep the others too, because they cannot be replayed
   * @returns whether it is the best
   */
  recordEvaluation(
    line: MetricsLine,
    losses: readonly number[],
    state: readonly Uint8Array[],
    keepsEachState: boolean,
  ): boolean {
    const isBest = this.#metrics.every(({ loss }) => line.loss < loss)
    const record = `${JSON.stringify({ version: 1, step: line.step, losses })}\n`
    if (line.step === 0) writeFileAtomic(this.#folder.baseLossesPath, record)
    if (isBest) {
      writeFileAtomic(this.#folder.bestLossesPath, record)
      writeStatePieces(this.#folder.bestStatePath, line.step, state)
    }
    if (keepsEachState && line.step > 0) {
      keepEvaluatedState(this.#folder, { step: line.step, state: Buffer.concat(state) })
    }
    this.#journal.sync()
    this.#metricsLog.append(line)
    this.#metrics.push(line)
    this.#metricsLog.sync()
    return isBest
  }

  /** Evaluations after the best one. */
  evaluationsSinceBest(): number {
    return this.#metrics.length - 1 - this.#metrics.indexOf(this.#best())
  }

  /** Figures before training and at the best state, and the paired change of the dev rows' losses with its 95 % interval. */
  comparison(): {
    before: MetricsLine
    best: MetricsLine
    lossChange: { mean: number; low: number; high: number }
  } {
    const before = this.#metrics[0]
    const baseLosses = readLosses(this.#folder.baseLossesPath)
    const changes = readLosses(this.#folder.bestLossesPath).map((loss, index) => loss - baseLosses[index])
    return { before, best: this.#best(), lossChange: meanInterval(changes) }
  }

  /** Waits until the logs are on the disk. */
  sync(): void {
    this.#journal.sync()
    this.#metricsLog.sync()
  }

  close(): void {
    this.#journal.close()
    this.#metricsLog.close()
  }

  #best(): MetricsLine {
    return this.#metrics.reduce((best, line) => (line.loss < best.loss ? line : best))
  }
}

function readLosses(path: string): number[] {
  return devLosses.parse(JSON.parse(readFileSync(path, 'utf8'))).losses
}
