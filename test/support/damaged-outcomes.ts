import { expect } from 'vitest'
import { EngineError } from '../../core/schema/engine-error.js'
import { mutateBytes } from './mutate-bytes.js'
import { randomNumbers } from './random-numbers.js'

/** A reader, what it reads whole, and how many damaged copies it is given. */
export interface DamagedReader {
  readonly whole: Uint8Array
  readonly read: (bytes: Uint8Array) => unknown
  readonly copies: number
}

/**
 * How often readers end with each code of an EngineError, or `whole`, where most damage lies in the first `headerBytes`.
 *
 * @throws whatever else a reader throws
 */
export function damagedOutcomes(
  readers: readonly DamagedReader[],
  { seed, headerBytes }: { readonly seed: number; readonly headerBytes: number },
): ReadonlyMap<string, number> {
  const outcomes = new Map<string, number>()
  readers.forEach(({ whole, read, copies }, index) => {
    expect(() => read(whole)).not.toThrow()
    const random = randomNumbers(seed + index)
    for (let copy = 0; copy < copies; copy++) {
      const outcome = outcomeOf(
        read,
        mutateBytes(random, whole, Math.min(whole.byteLength, headerBytes), [0, 8]),
      )
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
  })
  return outcomes
}

function outcomeOf(read: DamagedReader['read'], bytes: Uint8Array): string {
  try {
    read(bytes)
    return 'whole'
  } catch (thrown) {
    if (!(thrown instanceof EngineError)) throw thrown
    return (thrown as EngineError).code
  }
}
