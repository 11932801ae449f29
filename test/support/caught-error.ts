import { EngineError } from '../../core/schema/engine-error.js'

/** The EngineError that `action` throws; fails the test where it throws nothing or something else. */
export function caughtError(action: () => unknown): EngineError {
  try {
    action()
  } catch (thrown) {
    if (thrown instanceof EngineError) return thrown as EngineError
    throw thrown
  }
  throw new Error('expected an EngineError, but nothing was thrown')
}
