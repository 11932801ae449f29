import { signatureLength } from './min-hash.js'
import { rowsByKey } from './rows-by-key.js'
import type { SignatureStore } from './signature-store.js'

/** Share of bins from which two rows count as almost the same. */
const nearlySame = 0.9
/** Bins that must agree to be looked at together; with 8 of 64, rows of similarity 0.9 are missed with a chance of 1 in 90. */
const bandLength = 8
/** Rows of one bucket that are compared: a phrase that thousands share would cost the square of them. */
const mostCompared = 50

/** Signatures of some rows: which of a store each row has. */
export interface RowSignatures {
  readonly store: SignatureStore
  /** Shape [rows]. */
  readonly places: Uint32Array
}

/**
 * Finds rows that are almost the same as one before them (`others` left out) or as one of `others`.
 *
 * Rows whose signatures agree in a whole band are looked at together, and compared by all bins. Memory: 12 bytes a row.
 * Source: Broder 1997; Leskovec, Rajaraman and Ullman 2020, section 3.4 on bands.
 *
 * @returns for each row the row that it is almost the same as, from the rows that it is compared with; −1 for none
 */
export function nearDuplicates(rows: RowSignatures, others?: RowSignatures): Int32Array {
  const isWithin = others === undefined
  const otherCount = others?.places.length ?? 0
  const found = new Int32Array(rows.places.length).fill(-1)
  const read = (row: number): Uint32Array => {
    if (others !== undefined && row < otherCount) others.store.read(others.places[row], signature)
    else rows.store.read(rows.places[row - otherCount], signature)
    return signature
  }
  const isSame = (other: number): boolean => {
    const { store, places } = others ?? rows
    return store.similarity(signature, places[other]) >= nearlySame
  }
  const signature = new Uint32Array(signatureLength)
  for (let band = 0; band < signatureLength; band += bandLength) {
    for (const group of rowsByKey(otherCount + found.length, (row) => bandKey(read(row), band))) {
      const compared = group.subarray(0, mostCompared)
      for (const row of group) {
        if (row < otherCount || found[row - otherCount] >= 0) continue
        read(row)
        const same = compared.find((other) => (isWithin ? other < row : other < otherCount) && isSame(other))
        if (same !== undefined) found[row - otherCount] = same
      }
    }
  }
  return found
}

/** FNV-1a over the bins of a band. */
function bandKey(signature: Uint32Array, band: number): number {
  let key = 0x811c9dc5
  for (let bin = band; bin < band + bandLength; bin++) key = Math.imul(key ^ signature[bin], 0x01000193)
  return key
}
