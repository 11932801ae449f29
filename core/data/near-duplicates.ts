import { signatureLength, similarity } from './min-hash.js'

/** Share of bins from which two rows count as almost the same. */
const nearlySame = 0.9
/** Bins that must agree to be looked at together; with 8 of 64, rows of similarity 0.9 are missed with a chance of 1 in 90. */
const bandLength = 8
/** Rows of one bucket that are compared: a phrase that thousands share would cost the square of them. */
const mostCompared = 50

/** A row that is almost another. */
export interface NearDuplicate {
  readonly index: number
  /** The row that it is almost the same as, from the rows that it is compared with. */
  readonly otherIndex: number
}

/**
 * Finds rows that are almost the same as one before them (`others` left out) or as one of `others`.
 *
 * Rows whose signatures agree in a whole band are looked at together, and compared by all bins.
 * Source: Broder 1997; Leskovec, Rajaraman and Ullman 2020, section 3.4 on bands.
 *
 * @param signatures one after the other, [rows, signatureLength]
 * @returns one entry a row that is, in order
 */
export function nearDuplicates(signatures: Uint32Array, others?: Uint32Array): NearDuplicate[] {
  const isWithin = others === undefined
  const all = isWithin ? signatures : joined(others, signatures)
  const otherCount = isWithin ? 0 : others.length / signatureLength
  const total = all.length / signatureLength
  const found = new Map<number, number>()
  for (let band = 0; band < signatureLength; band += bandLength) {
    const buckets = new Map<string, number[]>()
    for (let row = 0; row < total; row++) {
      const start = row * signatureLength + band
      const key = String.fromCharCode(...new Uint16Array(all.slice(start, start + bandLength).buffer))
      const bucket = buckets.get(key) ?? []
      if (bucket.length === 0) buckets.set(key, bucket)
      const isOther = row < otherCount
      if (!isOther && !found.has(row)) {
        const same = bucket.find((other) => similarity(all, row, other) >= nearlySame)
        if (same !== undefined) found.set(row, same)
      }
      if ((isWithin || isOther) && bucket.length < mostCompared) bucket.push(row)
    }
  }
  return [...found]
    .toSorted(([left], [right]) => left - right)
    .map(([row, other]) => ({ index: row - otherCount, otherIndex: other }))
}

function joined(first: Uint32Array, second: Uint32Array): Uint32Array {
  const all = new Uint32Array(first.length + second.length)
  all.set(first)
  all.set(second, first.length)
  return all
}
