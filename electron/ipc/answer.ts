import type { z } from 'zod'
import { EngineError } from '../../core/schema/engine-error.js'
import { requests, type Answerer, type Handlers, type Reply, type RequestName } from './contract.js'

/** How requests are answered. */
export interface AnswerOptions {
  /** Whether outputs are compared with the contract as well: in tests and in development. */
  readonly checksOutput: boolean
}

/**
 * Parses the input of a request, handles it, and says what came of it. Never throws: failures are values with a code, and
 * those of the input name its fields. The one way from a message to a handler, in every process.
 */
export async function answer<A extends Answerer>(
  handlers: Handlers<A>,
  name: unknown,
  input: unknown,
  { checksOutput }: AnswerOptions,
): Promise<Reply> {
  try {
    if (!isRequestName(name) || !hasHandler(handlers, name)) {
      throw requestInvalid(String(name), ['there is no such request here'])
    }
    const parsed = requests[name].input.safeParse(input)
    if (!parsed.success) throw requestInvalid(name, issuesOf(parsed.error))
    const value = await handlers[name](parsed.data)
    if (checksOutput) requireOutput(name, value)
    return { ok: true, value }
  } catch (thrown) {
    return { ok: false, error: EngineError.from(thrown).toData() }
  }
}

/** True for a name of the contract. */
export function isRequestName(name: unknown): name is RequestName {
  return typeof name === 'string' && Object.hasOwn(requests, name)
}

/** One line for each field that is not as expected. */
export function issuesOf(error: z.ZodError): string[] {
  return error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.map(String).join('.')}: ${message}` : message,
  )
}

type AnyHandlers = Readonly<Record<RequestName, (input: unknown) => unknown>>

function hasHandler(handlers: object, name: RequestName): handlers is AnyHandlers {
  return Object.hasOwn(handlers, name)
}

function requestInvalid(name: string, issues: string[]): EngineError {
  return new EngineError(
    'request-invalid',
    { issues },
    `request '${name.slice(0, 64)}': ${issues.join('; ')}`,
  )
}

function requireOutput(name: RequestName, value: unknown): void {
  const parsed = requests[name].output.safeParse(value)
  if (!parsed.success)
    throw new Error(`the answer to '${name}' is wrong: ${issuesOf(parsed.error).join('; ')}`)
}
