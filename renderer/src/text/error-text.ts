import type { ErrorCode, ErrorData } from '../../../core/schema/errors.js'
import { fileName } from './file-name.js'
import type { Format } from './format.js'
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
  error: Pick<ErrorData, 'code' | 'details'>,
  t: Translate,
  format: Format,
): ErrorSentence {
  const values = Object.fromEntries(
    Object.entries(error.details).map(([name, value]) => [name, shown(name, value, format)]),
  )
  return { what: t(`errors.${error.code}.what`, values), next: t(`errors.${error.code}.next`, values) }
}

function shown(name: string, value: unknown, format: Format): string {
  if (typeof value === 'number') {
    if (name.endsWith('Bytes')) return format.bytes(value)
    return Number.isInteger(value) ? format.count(value) : String(value)
  }
  if (Array.isArray(value)) return value.join('; ')
  if (typeof value !== 'string') return ''
  return name === 'path' ? fileName(value) : value
}
