import { rowProblem } from '../schema/row-problems.js'

/** A value, or what is wrong with it and where. */
export type ParsedJson =
  { readonly isValid: true; readonly value: unknown } | { readonly isValid: false; readonly problem: string }

/**
 * Reads one value of JSON. NaN and infinite numbers, which Python writes and JSON does not have, are read as null.
 *
 * Source: RFC 8259.
 */
export function parseJson(text: string): ParsedJson {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (thrown) {
    const repaired = withoutNaN(text)
    if (repaired !== text) return parseJson(repaired)
    return { isValid: false, problem: reasonOf(thrown) }
  }
  return { isValid: true, value }
}

/** V8 says what and where, counted from 0; people count from 1. The rest of its message repeats the text. */
function reasonOf(thrown: unknown): string {
  const reason = thrown instanceof Error ? thrown.message : String(thrown)
  if (reason.includes('end of JSON input')) return rowProblem('json-cut-off', {})
  const token = /^Unexpected token '?(.)/u.exec(reason)?.[1]
  const position = /at position (\d+)/.exec(reason)?.[1]
  const at = Number(position) + 1
  if (token === undefined)
    return position === undefined ? rowProblem('json-none', {}) : rowProblem('json-none-at', { at })
  return position === undefined
    ? rowProblem('json-unexpected', { token })
    : rowProblem('json-unexpected-at', { token, at })
}

function withoutNaN(text: string): string {
  if (!text.includes('NaN') && !text.includes('Infinity')) return text
  // Strings are matched too, so that what they say stays.
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g, (found) =>
    found.startsWith('"') ? found : 'null',
  )
}

/** True where lists and objects lie in one another over `levels` deep. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  return Object.values(value).some((inner) => isDeeper(inner, levels - 1))
}
