import { createHash } from 'node:crypto'
import type { TrainedState } from '../parameters/trained-parameters.js'
import { EngineError } from '../schema/engine-error.js'
import type { TrainJob } from '../schema/job.js'
import type { RunFolder } from './run-folder.js'
import { readState } from './state-file.js'

/**
 * Brings parameters that were just made to where their run begins: the model as it is, or the state of an earlier run that
 * was carried over.
 *
 * @throws EngineError 'run-invalid' where that state is missing or another one
 */
export function toInitialState<State extends TrainedState>(
  parameters: State,
  { startPath }: RunFolder,
  { start }: TrainJob,
): State {
  if (start === null) return parameters
  const { state } = readState(startPath)
  if (stateHash(state) !== start.stateSha256 || state.byteLength !== parameters.save().byteLength) {
    const where = 'start.state'
    const message = `${startPath} is not the state that this run began from`
    throw new EngineError('run-invalid', { path: startPath, where }, message)
  }
  parameters.load(state)
  return parameters
}

/** SHA-256 of a state, in hexadecimal. */
export function stateHash(state: Uint8Array): string {
  return createHash('sha256').update(state).digest('hex')
}
