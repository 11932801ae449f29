import { createContext, Script } from 'node:vm'
import { Template } from '@huggingface/jinja'
import { EngineError } from '../../schema/engine-error.js'
import { formatDate } from './format-date.js'
import { rowProblem } from '../../schema/row-problems.js'

/** Renders a template. Both throw `template-invalid`. */
export interface TemplateRenderer {
  /** Renders with the given variables, within `limited` only: on its own it has no time limit. */
  readonly render: (variables: Readonly<Record<string, unknown>>) => string
  /** Runs a task of several renderings, a second at most for each. One call for all, because a call starts a timer. */
  readonly limited: <T>(renderings: number, task: () => T) => T
}

/** A template is a program from a file: real ones take under 10 ms and 100 KB. */
const limits = { templateLength: 2 ** 18, ms: 1_000, outputLength: 2 ** 24, rangeLength: 10_000 }

/**
 * The library's own functions cannot be replaced from outside, only by assignment. The line break belongs to the last
 * block, so the template still starts at the start of a line.
 */
const ownFunctions = '{% set range = limited_range %}{% set strftime_now = strftime_on_date %}\n'

/** What a template is a template of. */
export interface TemplateSubject {
  /** As messages name it: `the chat template`. */
  readonly name: string
  /** What `strftime_now` calls now, so that equal jobs render equal texts; null where there is no such time. */
  readonly date: Date | null
}

/**
 * Prepares a Jinja template. `raise_exception`, `range` and `strftime_now` are there, as chat templates expect.
 *
 * @throws EngineError `template-invalid` for a template that does not parse; the renderer throws it for one that fails,
 *   raises an exception, takes longer than a second or grows without bound
 */
export function templateRenderer(template: string, { name, date }: TemplateSubject): TemplateRenderer {
  const invalid = (reason: string, cause?: unknown): EngineError<'template-invalid'> =>
    new EngineError('template-invalid', { reason }, `${name} ${reason}`, { cause })
  if (template.length > limits.templateLength) {
    throw invalid(rowProblem('template-long', { count: template.length, total: limits.templateLength }))
  }
  /** What the library throws, as an EngineError. */
  const failing = <T>(task: () => T): T => {
    try {
      return task()
    } catch (thrown) {
      throw invalid(rowProblem('template-failure', { found: messageOf(thrown) }), thrown)
    }
  }
  const limited = limitedRunner((thrown) =>
    invalid(rowProblem('template-failure', { found: messageOf(thrown) }), thrown),
  )
  const parsed = limited(1, () => failing(() => new Template(ownFunctions + template)))
  const functions = {
    limited_range: limitedRange,
    strftime_on_date: (format: string) => {
      if (date === null) throw new Error('strftime_now: a row has no time of its own')
      return formatDate(date, format)
    },
  }
  const render = (variables: Readonly<Record<string, unknown>>): string => {
    const text = failing(() => parsed.render({ ...functions, ...variables }))
    if (text.length <= limits.outputLength) return text
    throw invalid(rowProblem('template-output', { count: text.length, total: limits.outputLength }))
  }
  return { render, limited }
}

/** Python's range. */
function limitedRange(start: number, stop?: number, step = 1): number[] {
  const [first, end] = stop === undefined ? [0, start] : [start, stop]
  const length = Math.max(0, Math.ceil((end - first) / step))
  if (!(length <= limits.rangeLength)) throw new Error(`range of more than ${limits.rangeLength} numbers`)
  return Array.from({ length }, (_, index) => first + index * step)
}

/** Runs a function and stops it after the time limit; only the vm module can interrupt code that does not yield. */
function limitedRunner(failure: (thrown: unknown) => EngineError): TemplateRenderer['limited'] {
  const context: { task?: (() => unknown) | undefined; result?: unknown } = createContext({})
  const script = new Script('result = task()')
  return <T>(renderings: number, task: () => T): T => {
    context.task = task
    try {
      script.runInContext(context, { timeout: limits.ms * renderings })
      return context.result as T
    } catch (thrown) {
      throw thrown instanceof EngineError ? thrown : failure(thrown)
    } finally {
      context.task = undefined
      context.result = undefined
    }
  }
}

/** The time limit's error belongs to another context, so it is no Error of this one. */
function messageOf(thrown: unknown): string {
  const hasMessage = typeof thrown === 'object' && thrown !== null && 'message' in thrown
  return hasMessage ? String(thrown.message) : String(thrown)
}
