import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import type { TrainableModel } from '../engine/graph-model.js'
import type { TrainedState } from '../parameters/trained-parameters.js'
import { EngineError } from '../schema/engine-error.js'
import { requestInvalid } from '../schema/request-invalid.js'
import type { TrainJob } from '../schema/job.js'
import { readLog } from './checked-log.js'
import { evaluatedStatePath, evaluatedSteps } from './evaluated-states.js'
import { toInitialState } from './initial-state.js'
import { createParameters, createProbedParameters } from './recipes.js'
import type { RunFolder } from './run-folder.js'
import { isProbeLine, journalLine } from './run-records.js'
import { stepMover } from './step-mover.js'
import { readState } from './state-file.js'

/** What a run's parameters were after some of its steps. */
export interface StateAt {
  readonly parameters: TrainedState
  readonly step: number
}

/**
 * The best state of a run, or the one after `step` steps: step 0 is the model as it was, and any other is replayed from the
 * journal where the run took its steps by forward passes; with exact gradients, those of its evaluations are kept.
 *
 * @throws EngineError 'run-invalid' for a damaged state, 'request-invalid' for a step that this run cannot go back to
 */
export function openState(
  folder: RunFolder,
  job: TrainJob,
  model: TrainableModel,
  step: number | null,
): StateAt {
  if (step === 0) {
    return { parameters: toInitialState(createParameters(job.recipe, model), folder, job), step: 0 }
  }
  const { recipe } = job
  if (step === null) return savedState(folder.bestStatePath, folder, job, model)
  if (recipe.estimator !== 'probes') {
    const path = evaluatedStatePath(folder, step)
    if (existsSync(path)) return savedState(path, folder, job, model)
    const best = savedState(folder.bestStatePath, folder, job, model)
    if (best.step === step) return best
    const possible = [...new Set([0, ...evaluatedSteps(folder), best.step])].join(', ')
    throw requestInvalid(`step: expected one of ${possible}, found ${step}`)
  }
  const lines = readLog(folder.journalPath, (value) => journalLine.parse(value)).filter(isProbeLine)
  if (step > lines.length) throw requestInvalid(`step: expected at most ${lines.length}, found ${step}`)
  const parameters = toInitialState(createProbedParameters(recipe, model), folder, job)
  const move = stepMover(parameters, { ...job, recipe })
  for (const line of lines.slice(0, step)) move(line.step, line)
  return { parameters, step }
}

function savedState(path: string, folder: RunFolder, job: TrainJob, model: TrainableModel): StateAt {
  const { step, state } = readState(path)
  const parameters = createParameters(job.recipe, model)
  const expected = parameters.save().byteLength
  if (state.byteLength !== expected) {
    const where = `${basename(path)}: expected ${expected} bytes of state, found ${state.byteLength}`
    throw new EngineError('run-invalid', { path: folder.path, where }, `${folder.path}: ${where}`)
  }
  parameters.load(state)
  return { parameters, step }
}
