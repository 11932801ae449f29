import { EngineError } from '../schema/engine-error.js'

/** What the hub, or a server behind it, gave cannot be used. */
export function downloadInvalid(name: string, reason: string): EngineError<'download-invalid'> {
  return new EngineError('download-invalid', { name, reason }, `'${name}' cannot be used: ${reason}`)
}
