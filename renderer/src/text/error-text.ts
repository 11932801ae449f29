import type { ErrorCode, ErrorData } from '../../../core/schema/errors.js'
import type { RunState } from '../../../electron/ipc/runs.js'
import { fileName } from './file-name.js'
import type { Format } from './format.js'
import { reasonText } from './reason-text.js'
import { readPlacedProblem, rowProblemText } from './row-problem-text.js'
import type { Translate } from './use-text.js'

/** What happened and what to do next, in the person's words. Both may name a detail of the failure in braces. */
export interface ErrorSentence {
  readonly what: string
  readonly next: string
}

/** A sentence for every failure: a new code in the engine does not compile until each language has one. */
export type ErrorSentences = Readonly<Record<ErrorCode, ErrorSentence>>

/** The two sentences for one failure. */
export function errorText(
  error: Pick<ErrorData, 'code' | 'details' | 'message'>,
  t: Translate,
  format: Format,
): ErrorSentence {
  const values = Object.fromEntries(
    Object.entries(error.details).map(([name, value]) => [name, shown(name, value, t, format)]),
  )
  const next = t(`errors.${error.code}.next`, values)
  if (error.code === 'data-invalid') return { what: dataText(error.message, values, t, format), next }
  return { what: t(`errors.${error.code}.what`, values), next }
}

/** Where a data file cannot be used, as far as that is known, and what is wrong there. */
function dataText(
  message: string,
  values: Readonly<Record<string, string>>,
  t: Translate,
  format: Format,
): string {
  const placed = readPlacedProblem(message)
  const place = placed === null ? 'whole' : placed.column === null ? 'row' : 'field'
  const what =
    place === 'field' ? t('errors.data-invalid.what', values) : t(`datasets.invalid.${place}`, values)
  const told = placed?.problem ?? message.slice(message.indexOf(': ') + 2)
  const problem = rowProblemText(told, t, format)
  return problem === null ? what : `${what} ${problem}`
}

function shown(name: string, value: unknown, t: Translate, format: Format): string {
  if (typeof value === 'number') {
    if (name.endsWith('Bytes')) return format.bytes(value)
    return Number.isInteger(value) ? format.count(value) : String(value)
  }
  if (Array.isArray(value)) return value.map((each) => reasonText(String(each), t, format)).join('; ')
  if (typeof value !== 'string') return ''
  if (reasons.has(name)) return withoutStop(reasonText(value, t, format))
  if (name === 'state' && isAmong(runStates, value)) return t(`progress.state.${value}`)
  if (name === 'what' && isAmong(items, value)) return t(`common.items.${value}`)
  return name === 'path' ? fileName(value) : value
}

/** Details that hold a sentence or a phrase of the engine. */
const reasons: ReadonlySet<string> = new Set(['reason', 'feature', 'operation', 'where'])

/** The sentence around it ends by itself. */
function withoutStop(text: string): string {
  return text.replace(/\.$/, '')
}

const runStates = [
  'preparing',
  'running',
  'pausing',
  'paused',
  'stopping',
  'stopped',
  'done',
  'failed',
  'interrupted',
] as const satisfies readonly RunState[]
/** What an engine may no longer know. */
const items = ['model', 'data', 'folder', 'run', 'export', 'comparison'] as const

function isAmong<Name extends string>(names: readonly Name[], value: string): value is Name {
  return names.some((name) => name === value)
}
