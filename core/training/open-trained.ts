import { existsSync, statSync } from 'node:fs'
import {
  isOpenGraph,
  openAnyModel,
  type AnyOpenModel,
  type OpenGraphModel,
} from '../engine/open-graph-model.js'
import { openModel, type OpenModel } from '../engine/open-model.js'
import type { KnownHashes } from '../model/known-hashes.js'
import { isFolderOfModel } from '../model/open-model-file.js'
import type { TrainedState } from '../parameters/trained-parameters.js'
import { EngineError } from '../schema/engine-error.js'
import type { TrainJob } from '../schema/job.js'
import { openState } from './open-state.js'
import { readJob, runFolder, type RunFolder } from './run-folder.js'

/** A run with its model and what training made of it. */
export interface TrainedRun<Model extends AnyOpenModel = OpenModel> {
  readonly folder: RunFolder
  readonly job: TrainJob
  readonly model: Model
  /** At the best state. */
  readonly parameters: TrainedState
  /** Steps that led to that state. */
  readonly step: number
}

/** What the commands take as MODEL or RUN. */
export type Subject<Model extends AnyOpenModel = OpenModel> =
  | { readonly kind: 'model'; readonly model: Model; readonly parameters?: TrainedState }
  | ({ readonly kind: 'run' } & TrainedRun<Model>)

/** Opens a model file. */
type OpenAt<Model> = (path: string, date: Date, hashes: KnownHashes | null) => Model

/**
 * Opens a model file as it is, or a run folder at its best state.
 *
 * @param date what a chat template may show as the current date
 * @throws EngineError of `openModel` and `openTrainedRun`
 */
export function openSubject(path: string, date: Date, hashes: KnownHashes | null = null): Subject {
  return openSubjectBy(openModel, path, date, hashes)
}

/** As `openSubject`, and models that run by their own graph. Throws as `openAnyModel` as well. */
export function openAnySubject(
  path: string,
  date: Date,
  hashes: KnownHashes | null = null,
): Subject<AnyOpenModel> {
  return openSubjectBy(openAnyModel, path, date, hashes)
}

function openSubjectBy<Model extends AnyOpenModel>(
  open: OpenAt<Model>,
  path: string,
  date: Date,
  hashes: KnownHashes | null,
): Subject<Model> {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  if (isFolder && !isFolderOfModel(path)) return { kind: 'run', ...openRunBy(open, path, hashes) }
  return { kind: 'model', model: open(path, date, hashes) }
}

/**
 * Opens a run at its best state. Layers that were read from the file while it trained, for want of memory, still are.
 *
 * @throws EngineError 'run-invalid' where it has no state yet or a damaged one, 'model-mismatch', and those of `readJob` and
 *   `openModel`
 */
export function openTrainedRun(path: string, hashes: KnownHashes | null = null): TrainedRun {
  return openRunBy(openModel, path, hashes)
}

/** A run of a model of either kind. */
export type AnyTrainedRun = TrainedRun | TrainedRun<OpenGraphModel>

/** As `openTrainedRun`, and runs of models by their own graph. */
export function openAnyRun(path: string, hashes: KnownHashes | null = null): AnyTrainedRun {
  const { model, ...run } = openRunBy(openAnyModel, path, hashes)
  return isOpenGraph(model) ? { ...run, model } : { ...run, model }
}

export function isGraphRun(run: AnyTrainedRun): run is TrainedRun<OpenGraphModel> {
  return isOpenGraph(run.model)
}

function openRunBy<Model extends AnyOpenModel>(
  open: OpenAt<Model>,
  path: string,
  hashes: KnownHashes | null,
): TrainedRun<Model> {
  const folder = runFolder(path)
  const job = readJob(folder)
  if (!existsSync(folder.bestStatePath)) {
    const message = `${folder.path} has no trained state yet; go on with 'zerotune resume'`
    throw new EngineError('run-invalid', { path: folder.path, where: 'best.state' }, message)
  }
  const model = modelOf(open, job, hashes)
  if (!isOpenGraph(model)) model.model.layers.streamBelow(job.streamedLayers)
  const { parameters, step } = openState(folder, job, model.model, null)
  return { folder, job, model, parameters, step }
}

/** Opens the model that a job was planned for. @throws EngineError 'model-mismatch', and those of `openModel` */
export function openRunModel(job: TrainJob, hashes: KnownHashes | null = null): OpenModel {
  return modelOf(openModel, job, hashes)
}

/** As `openRunModel`, and models that run by their own graph. */
export function openAnyRunModel(job: TrainJob, hashes: KnownHashes | null = null): AnyOpenModel {
  return modelOf(openAnyModel, job, hashes)
}

function modelOf<Model extends AnyOpenModel>(
  open: OpenAt<Model>,
  job: TrainJob,
  hashes: KnownHashes | null,
): Model {
  const model = open(job.model.path, new Date(job.date), hashes)
  requireSameModel(job.model.sha256, model)
  return model
}

/** @throws EngineError 'model-mismatch' where a file is not the model with this SHA-256 */
export function requireSameModel(expectedHash: string, { model, sha256 }: AnyOpenModel): void {
  if (expectedHash === sha256) return
  const message = `${model.path} is not the model that this was made from: expected SHA-256 ${expectedHash.slice(0, 12)}…, found ${sha256.slice(0, 12)}…`
  throw new EngineError('model-mismatch', { expectedHash, foundHash: sha256 }, message)
}
