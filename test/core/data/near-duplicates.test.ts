import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { minHash, signatureLength, similarity } from '../../../core/data/min-hash.js'
import { nearDuplicates, type RowSignatures } from '../../../core/data/near-duplicates.js'
import { rowsByKey } from '../../../core/data/rows-by-key.js'
import { SignatureStore, type SignatureStoreOptions } from '../../../core/data/signature-store.js'
import { deriveSeed } from '../../../core/random/derive-seed.js'
import { caughtError } from '../../support/caught-error.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

/** More than two chunks of a store. */
const rowCount = 9000
const inMemory: SignatureStoreOptions = { scratchFolder: null }

/** Texts of 30 words; every third row is one of the 40 before it with a word changed, or as it is. */
const texts = Array.from({ length: rowCount }, () => '')
for (let row = 0; row < rowCount; row++) {
  const words = Array.from({ length: 30 }, (_, word) => `w${deriveSeed(row, word) % 5000}`)
  if (row % 3 === 2 && row > 40) {
    const source = texts[row - 1 - (deriveSeed(row) % 40)].split(' ')
    texts[row] = row % 2 === 0 ? source.join(' ') : source.with(row % 30, 'changed').join(' ')
  } else texts[row] = words.join(' ')
}

function signaturesOf(of: readonly string[], options: SignatureStoreOptions): RowSignatures {
  const store = new SignatureStore(options)
  for (const text of of) minHash(text, store.next())
  return { store, places: Uint32Array.from(of, (_, row) => row) }
}

describe('signatures', () => {
  it.each([
    ['half in a file', 4096],
    ['all in a file', 0],
  ])('are the same %s as in memory, whatever order they are read in', (_, limitRows) => {
    const folder = temporaryFolder()
    const kept = signaturesOf(texts, { scratchFolder: folder, limitRows })
    const plain = signaturesOf(texts, inMemory)
    expect(readdirSync(folder)).toEqual([])
    const [one, other] = [new Uint32Array(signatureLength), new Uint32Array(signatureLength)]
    const differing: number[] = []
    for (let at = 0; at < rowCount; at++) {
      const row = at % 2 === 0 ? at : deriveSeed(at) % rowCount
      kept.store.read(row, one)
      plain.store.read(row, other)
      if (one.some((bin, index) => bin !== other[index])) differing.push(row)
    }
    expect(differing).toEqual([])
    expect(nearDuplicates(kept)).toEqual(nearDuplicates(plain))
  })

  it('that cannot be written say so', () => {
    const scratchFolder = join(temporaryFolder(), 'none')
    const error = caughtError(() => signaturesOf(texts, { scratchFolder, limitRows: 0 }))
    expect(error).toMatchObject({ code: 'file-unwritable' })
    expect(error.message).toContain('file of row signatures')
  })
})

describe('near duplicates', () => {
  it('are those that comparing all pairs finds, but for some at the very limit', () => {
    const few = texts.slice(0, 600)
    const rows = signaturesOf(few, inMemory)
    const found = nearDuplicates(rows)
    const signature = new Uint32Array(signatureLength)
    let missed = 0
    let expected = 0
    for (let row = 0; row < few.length; row++) {
      rows.store.read(row, signature)
      const same = few.slice(0, row).findIndex((_, other) => rows.store.similarity(signature, other) >= 0.9)
      if (same >= 0) expected++
      if (same >= 0 && found[row] < 0) missed++
      if (found[row] >= 0) {
        expect(found[row]).toBeLessThan(row)
        expect(rows.store.similarity(signature, found[row])).toBeGreaterThanOrEqual(0.9)
      }
    }
    expect(expected).toBeGreaterThan(100)
    expect(missed).toBeLessThan(0.02 * expected)
  })

  it('of other rows are looked for among those alone', () => {
    const [rows, others] = [
      signaturesOf(texts.slice(0, 300), inMemory),
      signaturesOf(texts.slice(300, 350), inMemory),
    ]
    const found = nearDuplicates(rows, others)
    const [one, other] = [new Uint32Array(signatureLength), new Uint32Array(signatureLength)]
    found.forEach((of, row) => {
      if (of < 0) return
      rows.store.read(row, one)
      others.store.read(of, other)
      expect(similarity(one, other, 0)).toBeGreaterThanOrEqual(0.9)
    })
    expect(found.filter((of) => of >= 0).length).toBeGreaterThan(5)
  })
})

describe('rows by key', () => {
  it('come in groups, each ascending, without those that are alone', () => {
    const keys = [7, 0xffffffff, 7, 3, -1, 7]
    const groups = [...rowsByKey(keys.length, (row) => keys[row])].map((group) => [...group])
    expect(groups).toEqual([
      [0, 2, 5],
      [1, 4],
    ])
  })
})
