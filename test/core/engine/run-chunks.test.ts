import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Example } from '../../../core/data/example.js'
import { runChunks } from '../../../core/engine/run-chunks.js'

const example = (length: number): Example => ({
  kind: 'sequence',
  tokens: new Int32Array(length),
  scored: new Uint8Array(length).fill(1),
  line: 1,
})

describe('chunks of a run', () => {
  it('hold every example once, in order, within the tokens they may have', () => {
    const lengths = fc.array(fc.integer({ min: 2, max: 60 }), { minLength: 1, maxLength: 50 })
    fc.assert(
      fc.property(
        lengths,
        fc.integer({ min: 1, max: 2 }),
        fc.integer({ min: 1, max: 300 }),
        (all, copies, limit) => {
          const examples = all.map(example)
          const chunks = [...runChunks(examples, { kind: 'text' }, copies, limit)]
          expect(chunks.flatMap((chunk) => chunk.examples.map((each) => each.example))).toEqual(examples)
          for (const { first, examples: held } of chunks) {
            expect(held[0].example).toBe(examples[first])
            const longest = Math.max(...held.map(({ rows }) => rows[0].tokens.length))
            expect(held.length === 1 || held.length * copies * longest <= limit).toBe(true)
          }
        },
      ),
      { seed: 3 },
    )
  })
})
