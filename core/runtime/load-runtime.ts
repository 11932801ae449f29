import type * as Ort from 'onnxruntime-node'
import { EngineError } from '../schema/engine-error.js'

/** Loaded when it is needed: a library that is missing or of another system is then reported, and by this error only. */
export function loadRuntime(): Promise<typeof Ort> {
  return asRuntimeFailure('be loaded', () => import('onnxruntime-node'))
}

/**
 * Version of onnxruntime.
 *
 * @throws EngineError 'runtime-failed' where it cannot be loaded
 */
export async function runtimeVersion(): Promise<string> {
  const { env } = await loadRuntime()
  return env.versions.node ?? env.versions.common
}

/**
 * Reports what the runtime throws as our own error.
 *
 * @param operation what onnxruntime could not do, as in 'open a graph'
 */
export async function asRuntimeFailure<T>(operation: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw new EngineError('runtime-failed', { operation }, `onnxruntime could not ${operation}: ${reason}`, {
      cause: thrown,
    })
  }
}
