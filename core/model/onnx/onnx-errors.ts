import { EngineError } from '../../schema/engine-error.js'

/** Something in a graph that cannot be read. @param feature of `core/schema/model-problems.ts` */
export function unsupportedOnnx(path: string, feature: string, supported: string): EngineError {
  const message = `'${path}' has ${feature}; supported is ${supported}`
  return new EngineError('model-unsupported', { path, feature }, message)
}
