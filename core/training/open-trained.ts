import { existsSync, statSync } from 'node:fs'
import { openModel, type OpenModel } from '../engine/open-model.js'
import type { KnownHashes } from '../model/known-hashes.js'
import { isFolderOfModel } from '../model/open-model-file.js'
import type { TrainedState } from '../parameters/trained-parameters.js'
import { EngineError } from '../schema/engine-error.js'
import type { TrainJob } from '../schema/job.js'
import { openState } from './open-state.js'
import { readJob, runFolder, type RunFolder } from './run-folder.js'

/** A run with its model and what training made of it. */
export interface TrainedRun {
  readonly folder: RunFolder
  readonly job: TrainJob
  readonly model: OpenModel
  /** At the best state. */
  readonly parameters: TrainedState
  /** Steps that led to that state. */
  readonly step: number
}

/** What the commands take as MODEL or RUN. */
export type Subject =
  { readonly kind: 'model'; readonly model: OpenModel } | ({ readonly kind: 'run' } & TrainedRun)

/**
 * Opens a model file as it is, or a run folder at its best state.
 *
 * @param date what a chat template may show as the current date
 * @throws EngineError of `openModel` and `openTrainedRun`
 */
export function openSubject(path: string, date: Date, hashes: KnownHashes | null = null): Subject {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  if (isFolder && !isFolderOfModel(path)) return { kind: 'run', ...openTrainedRun(path, hashes) }
  return { kind: 'model', model: openModel(path, date, hashes) }
}

/**
 * Opens a run at its best state. Layers that were read from the file while it trained, for want of memory, still are.
 *
 * @throws EngineError 'run-invalid' where it has no state yet or a damaged one, 'model-mismatch', and those of `readJob` and
 *   `openModel`
 */
export function openTrainedRun(path: string, hashes: KnownHashes | null = null): TrainedRun {
  const folder = runFolder(path)
  const job = readJob(folder)
  if (!existsSync(folder.bestStatePath)) {
    const message = `${folder.path} has no trained state yet; go on with 'zerotune resume'`
    throw new EngineError('run-invalid', { path: folder.path, where: 'best.state' }, message)
  }
  const model = openRunModel(job, hashes)
  model.model.layers.streamBelow(job.streamedLayers)
  const { parameters, step } = openState(folder, job, model.model, null)
  return { folder, job, model, parameters, step }
}

/** Opens the model that a job was planned for. @throws EngineError 'model-mismatch', and those of `openModel` */
export function openRunModel(job: TrainJob, hashes: KnownHashes | null = null): OpenModel {
  const model = openModel(job.model.path, new Date(job.date), hashes)
  requireSameModel(job.model.sha256, model)
  return model
}

/** @throws EngineError 'model-mismatch' where a file is not the model with this SHA-256 */
export function requireSameModel(expectedHash: string, { model, sha256 }: OpenModel): void {
  if (expectedHash === sha256) return
  const message = `${model.path} is not the model that this was made from: expected SHA-256 ${expectedHash.slice(0, 12)}…, found ${sha256.slice(0, 12)}…`
  throw new EngineError('model-mismatch', { expectedHash, foundHash: sha256 }, message)
}
