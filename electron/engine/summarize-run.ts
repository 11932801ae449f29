import { basename } from 'node:path'
import {
  addSteps,
  CurveSmoother,
  EngineError,
  readJob,
  readMetrics,
  runFolder,
  sampleJournal,
  stepsTaken,
  ThinnedCurve,
  type MetricsLine,
  type TrainJob,
} from '../../core/index.js'
import type { KeptFailure } from '../ipc/names.js'
import { mostHistoryPoints, type RunHistory, type RunState, type RunSummary } from '../ipc/runs.js'
import { bestEvaluation, evaluationPoints } from './evaluation-points.js'
import type { RunFolders, RunRecord } from './run-records.js'
import { mostSampledSteps, readCurve, saveCurve } from './saved-curve.js'

/** A run on disk, as lists show it. `state` is what is true of it where it is the one that goes. */
export function summarizeRun(folders: RunFolders, runId: string, state: RunState | null): RunSummary {
  const record = folders.readRecord(runId)
  try {
    const folder = runFolder(folders.find(runId))
    const job = readJob(folder)
    const evaluations = readMetrics(folder)
    const step = stepsTaken(folder)
    return {
      ...namesOf(runId, record, job),
      ...outcomeOf(record, evaluations),
      state: state ?? stateAtRest(record, step, job),
      taskKind: job.task.kind,
      recipe: job.recipe.name,
      step,
      steps: job.steps,
      folderBytes: folders.byteLength(runId),
      failure: failureOf(record),
    }
  } catch (thrown) {
    const error = EngineError.from(thrown)
    if (error.code === 'unknown-item') throw error
    return unreadable(runId, record, error)
  }
}

/** The curves of a run on disk; those of a long one are kept for the next time. */
export function historyOf(folders: RunFolders, runId: string): RunHistory {
  const folder = runFolder(folders.find(runId))
  const evaluations = evaluationPoints(readMetrics(folder))
  const taken = stepsTaken(folder)
  const kept = readCurve(folder, taken)
  if (kept !== null) return { steps: kept, evaluations }
  const curve = new ThinnedCurve(mostHistoryPoints)
  const { recipe, steps: all } = readJob(folder)
  addSteps(curve, new CurveSmoother(all), sampleJournal(folder, mostSampledSteps), recipe)
  const steps = curve.points()
  if (taken > mostHistoryPoints) saveCurve(folder, taken, steps)
  return { steps, evaluations }
}

function namesOf(runId: string, record: RunRecord | null, job: TrainJob) {
  return {
    runId,
    name: record?.name ?? runId,
    note: record?.note ?? '',
    createdAt: record?.createdAt ?? job.date,
    modelName: record?.modelName ?? basename(job.model.path),
    dataName: record?.trainName ?? basename(job.data.path),
  }
}

function outcomeOf(record: RunRecord | null, evaluations: readonly MetricsLine[]) {
  const best = bestEvaluation(evaluations)
  const figures = (line: MetricsLine | null | undefined) =>
    line == null ? null : { loss: line.loss, accuracy: line.accuracy, examples: line.examples }
  return {
    bestStep: best?.step ?? null,
    before: figures(evaluations[0]),
    best: figures(best),
    endReason: record?.end?.reason ?? null,
    lossChange: record?.end?.lossChange ?? null,
    isMeasurable: record?.end?.isMeasurable ?? null,
  }
}

function failureOf(record: RunRecord | null): KeptFailure | null {
  if (record?.failure != null) return record.failure
  return record?.problem == null ? null : { code: 'bug', details: {}, message: record.problem }
}

/** What a run is that nothing works on. */
function stateAtRest(record: RunRecord | null, step: number, { steps }: TrainJob): RunState {
  if (failureOf(record) !== null) return 'failed'
  if (record?.end?.reason === 'stopped' || record?.isStopped === true) return 'stopped'
  if (record?.end != null || step >= steps) return 'done'
  return record === null ? 'stopped' : 'interrupted'
}

function unreadable(runId: string, record: RunRecord | null, error: EngineError): RunSummary {
  return {
    runId,
    name: record?.name ?? runId,
    note: record?.note ?? '',
    createdAt: record?.createdAt ?? new Date(0).toISOString(),
    modelName: record?.modelName ?? '',
    dataName: record?.trainName ?? '',
    state: 'failed',
    taskKind: 'labels',
    recipe: 'qzo-rows',
    step: 0,
    steps: 0,
    bestStep: null,
    before: null,
    best: null,
    endReason: null,
    lossChange: null,
    isMeasurable: null,
    folderBytes: 0,
    failure: error.toData(),
  }
}
