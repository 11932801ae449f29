import { EngineError } from '../../../core/schema/engine-error.js'
import type { ErrorData } from '../../../core/schema/errors.js'
import type { RunSummary } from '../../../electron/ipc/runs.js'

/** Why a run failed, as a failure like any other; undefined where it did not. */
export function failureOf({ failure }: RunSummary): EngineError | undefined {
  return failure === null ? undefined : EngineError.fromData(failure as ErrorData)
}
