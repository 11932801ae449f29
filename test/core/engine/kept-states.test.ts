import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { statesInFile, statesInMemory, type KeptStates } from '../../../core/engine/kept-states.js'
import { caughtError } from '../../support/caught-error.js'
import { randomNumbers } from '../../support/random-numbers.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

const places: Readonly<Record<string, () => KeptStates>> = {
  'memory, float32': () => statesInMemory('float32', 40),
  'memory, int16': () => statesInMemory('int16', 40),
  'memory, int8': () => statesInMemory('int8', 40),
  'a file': () => statesInFile(join(temporaryFolder(), 'states')),
}

describe.each(Object.entries(places))('states kept in %s', (place, open) => {
  it.each([3, 40, 100])('come back layer by layer, %d numbers each, batch after batch', (length) => {
    const states = open()
    const random = randomNumbers(length)
    const digits = place.includes('int8') ? 2 : place.includes('int16') ? 4 : 7
    for (let batch = 0; batch < 2; batch++) {
      const given = [2, 3, 5].map((layer) => {
        const state = Float32Array.from({ length }, () => random.symmetric())
        states.keep(layer, state)
        return [layer, state] as const
      })
      for (const [layer, state] of given.reverse()) {
        const found = states.take(layer, length)
        expect(found).toHaveLength(length)
        found.forEach((value, i) => expect(value).toBeCloseTo(state[i], digits))
      }
    }
    states.close()
  })
})

it('the file of kept states goes away when it is closed', () => {
  const path = join(temporaryFolder(), 'states')
  const states = statesInFile(path)
  expect(existsSync(path)).toBe(true)
  states.close()
  expect(existsSync(path)).toBe(false)
})

it('a file of kept states that cannot be made is reported', () => {
  const error = caughtError(() => statesInFile(join(temporaryFolder(), 'missing', 'states')))
  expect(error).toMatchObject({ code: 'file-unwritable' })
  expect(error.message).toContain('keep them in memory')
})
