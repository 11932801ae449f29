import { EngineError } from '../schema/engine-error.js'

/** @throws EngineError 'loss-not-finite' */
export function requireFinite(values: readonly number[], step: number): void {
  if (values.every(Number.isFinite)) return
  throw new EngineError(
    'loss-not-finite',
    { step },
    `a loss is not finite at step ${step}; try a smaller learning rate, or with half floats --precision float32`,
  )
}
