import fc from 'fast-check'
import { expect, it } from 'vitest'
import { scanForStops } from '../../../core/engine/stop-texts.js'

/** Everything that is shown of text that arrives in `pieces`. */
function shown(pieces: readonly string[], stops: readonly string[]): string {
  let pending = ''
  let text = ''
  for (const piece of pieces) {
    const scanned = scanForStops(pending + piece, stops)
    text += scanned.text
    if (scanned.isStopped) return text
    pending = scanned.pending
  }
  return text + pending
}

it('holds back an end that could begin a stop text', () => {
  expect(scanForStops('one\nUs', ['\nUser:'])).toEqual({ text: 'one', pending: '\nUs', isStopped: false })
  expect(scanForStops('\nUsual', ['\nUser:'])).toEqual({ text: '\nUsual', pending: '', isStopped: false })
})

it('ends before the first stop text of several', () => {
  expect(scanForStops('a END b STOP', ['STOP', 'END'])).toEqual({ text: 'a ', pending: '', isStopped: true })
})

it('shows the same however the text is cut into pieces', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(
      fc.array(letters, { maxLength: 12 }),
      fc.array(letters, { maxLength: 3 }),
      (pieces, stops) => {
        const whole = pieces.join('')
        const ends = stops.map((stop) => whole.indexOf(stop)).filter((index) => index >= 0)
        const text = shown(pieces, stops)
        // A longer stop text that began earlier may end later than a shorter one inside it.
        if (ends.length === 0) expect(text).toBe(whole)
        else expect(whole.startsWith(text) && text.length < whole.length).toBe(true)
        for (const stop of stops) expect(text.includes(stop)).toBe(false)
      },
    ),
  )
})
