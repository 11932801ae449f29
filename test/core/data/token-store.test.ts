import fc from 'fast-check'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { StoredSequenceExample, tokenCountOf } from '../../../core/data/stored-example.js'
import { TokenStore } from '../../../core/data/token-store.js'
import { caughtError } from '../../support/caught-error.js'

const folder = mkdtempSync(join(tmpdir(), 'zerotune-tokens-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const sequences = fc.array(
  fc.record({
    tokens: fc.array(fc.integer({ min: 0, max: 300_000 }), { maxLength: 50 }),
    // Most are short; some are longer than a chunk.
    repeats: fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 4000 })),
    firstMarked: fc.nat(60),
  }),
  { maxLength: 40 },
)

describe('a token store', () => {
  it.each([
    ['in memory', { scratchFolder: null }],
    ['half in a file', { scratchFolder: folder, limitTokens: 1 }],
    ['all in a file', { scratchFolder: folder, limitTokens: 0 }],
  ])('gives back what was kept %s, with its marks, in any order', (_, options) => {
    fc.assert(
      fc.property(sequences, (kept) => {
        const store = new TokenStore(options)
        const whole = kept.map(({ tokens, repeats }) => Array.from({ length: repeats }, () => tokens).flat())
        const numbers = kept.map(({ tokens, repeats, firstMarked }) =>
          store.keep(
            Array.from({ length: repeats }, () => tokens),
            (place) => place >= firstMarked,
          ),
        )
        for (const at of [...kept.keys()].reverse()) {
          const example = new StoredSequenceExample(store, numbers[at], { line: at })
          expect(tokenCountOf(example)).toBe(whole[at].length)
          expect(example.tokens).toEqual(Int32Array.from(whole[at]))
          const marks = whole[at].map((__, place) => (place >= kept[at].firstMarked ? 1 : 0))
          expect(example.scored).toEqual(Uint8Array.from(marks))
        }
      }),
      { numRuns: 30 },
    )
  })

  it('leaves no file behind, not even while it is used', () => {
    const store = new TokenStore({ scratchFolder: folder, limitTokens: 0 })
    const first = store.keep([new Int32Array(200_000).fill(7)])
    expect(store.tokens(first)).toEqual(new Int32Array(200_000).fill(7))
    expect(readdirSync(folder)).toEqual([])
  })

  it('says so where the file cannot be written', () => {
    const store = new TokenStore({ scratchFolder: join(folder, 'none'), limitTokens: 0 })
    const error = caughtError(() => store.keep([new Int32Array(200_000)]))
    expect(error).toMatchObject({ code: 'file-unwritable' })
    expect(error.message).toContain('file of tokens')
  })
})
