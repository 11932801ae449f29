import { EngineError } from './engine-error.js'

/** What was asked for contradicts itself, the model or the file: `issue` says what was expected and found. */
export function requestInvalid(issue: string, options?: ErrorOptions): EngineError<'request-invalid'> {
  return new EngineError('request-invalid', { issues: [issue] }, issue, options)
}
