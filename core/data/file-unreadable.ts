import { EngineError } from '../schema/engine-error.js'

/** The error for a file that the system does not let us open or read. */
export function fileUnreadable(path: string, cause: unknown): EngineError<'file-unreadable'> {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new EngineError('file-unreadable', { path }, `${path} cannot be read: ${reason}`, { cause })
}
