import type { DataDescription } from '../../../electron/ipc/data.js'
import type { Format } from '../text/format.js'
import type { Translate } from '../text/use-text.js'

/** Why the first guess of a task is what it is. */
export function guessText(guess: DataDescription['guess'], t: Translate, format: Format): string {
  if (guess === null) return t('datasets.task.noGuess')
  const { code, ...facts } = guess.reason
  const values = Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [
      name,
      typeof value === 'number' ? format.count(value) : value,
    ]),
  )
  return `${t('datasets.task.guessed')}: ${t(`datasets.reasons.${code}`, values)}`
}
