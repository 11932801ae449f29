/** What may be shown of generated text so far. */
export interface ScannedText {
  /** Cannot become part of a stop text any more. */
  readonly text: string
  /** May be the beginning of a stop text, and waits for what follows. */
  readonly pending: string
  readonly isStopped: boolean
}

/**
 * Looks for the first of `stops` in text that arrives in pieces: gives what lies before it, and holds back an end that could
 * be its beginning.
 *
 * @param text what was pending, with the next piece
 */
export function scanForStops(text: string, stops: readonly string[]): ScannedText {
  const found = stops.map((stop) => text.indexOf(stop)).filter((index) => index >= 0)
  if (found.length > 0) return { text: text.slice(0, Math.min(...found)), pending: '', isStopped: true }
  const held = Math.max(0, ...stops.map((stop) => overlap(text, stop)))
  const end = text.length - held
  return { text: text.slice(0, end), pending: text.slice(end), isStopped: false }
}

/** Length of the longest end of `text` that `stop` begins with. */
function overlap(text: string, stop: string): number {
  for (let length = Math.min(text.length, stop.length - 1); length > 0; length--) {
    if (text.endsWith(stop.slice(0, length))) return length
  }
  return 0
}
