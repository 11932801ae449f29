/** Which bytes of a file an answer holds: `bytes START-END/TOTAL`. Null for anything else. */
export function readContentRange(
  value: string | null,
): { readonly start: number; readonly end: number; readonly total: number } | null {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(value ?? '')
  if (match === null) return null
  const [start, last, total] = match.slice(1).map(Number)
  return { start, end: last + 1, total }
}
