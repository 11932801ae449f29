import type { ErrorCode, ErrorData, ErrorDetails } from './errors.js'

/**
 * A failure the engine expects and can explain: what was expected, what was found, and where.
 *
 * Switch on `code`, never on the class or the message: the class does not survive a process boundary,
 * and hosts may reword the message.
 */
export class EngineError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'EngineError'
  readonly code: C
  readonly details: ErrorDetails<C>

  constructor(code: C, details: ErrorDetails<C>, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.details = details
  }

  /** The plain form that crosses a process boundary. */
  toData(): ErrorData {
    return { code: this.code, details: this.details, message: this.message } as ErrorData
  }

  /** Rebuilds an error from its plain form. */
  static fromData(data: ErrorData): EngineError {
    return new EngineError(data.code, data.details, data.message)
  }

  /** Wraps anything thrown, so that a boundary has one shape to report. */
  static from(thrown: unknown): EngineError {
    if (thrown instanceof EngineError) return thrown as EngineError
    const message = thrown instanceof Error ? thrown.message : String(thrown)
    return new EngineError('bug', {}, message, { cause: thrown })
  }
}
