import { EngineError } from '../../core/schema/engine-error.js'

/** The EngineError that `act` throws; anything else it does is a failed test. */
export function errorOf(act: () => unknown): EngineError {
  try {
    act()
  } catch (thrown) {
    if (thrown instanceof EngineError) return thrown as EngineError
    throw thrown
  }
  throw new Error('expected an EngineError, nothing was thrown')
}
