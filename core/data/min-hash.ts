/** Bins of a signature. */
export const signatureLength = 64
/** Characters of one piece of text. */
const pieceLength = 5
const empty = 0xffffffff

/**
 * A MinHash signature of a text: two texts agree in about that share of its bins that their sets of pieces have in common
 * (Jaccard: shared pieces / all pieces). A piece is five characters in a row; case, and how white space is written, do not count.
 *
 * One hash a piece decides its bin, and the smallest of a bin stays. Bins that got none take the value of one that did, found by
 * hashing the bin until it meets one, so that short texts compare as well.
 *
 * Source: Broder 1997; Li, Owen and Zhang 2012 on one permutation; Shrivastava 2017 on filling empty bins.
 *
 * @param target where the signature is written, [signatureLength]
 */
export function minHash(text: string, target: Uint32Array): void {
  const pieces = ` ${text.toLowerCase().replace(/\s+/gu, ' ').trim()} `
  target.fill(empty)
  const last = Math.max(0, pieces.length - pieceLength)
  for (let start = 0; start <= last; start++) {
    const hash = hashPiece(pieces, start)
    const bin = hash >>> 26
    const value = mixed(hash)
    if (value < target[bin]) target[bin] = value
  }
  fillEmptyBins(target)
}

/** The share of bins in which two signatures agree; the second is at `start` of `numbers`. */
export function similarity(signature: Uint32Array, numbers: Uint32Array, start: number): number {
  let equal = 0
  for (let bin = 0; bin < signatureLength; bin++) if (signature[bin] === numbers[start + bin]) equal++
  return equal / signatureLength
}

/** FNV-1a over UTF-16 units, then mixed: the bin comes from its highest bits. */
function hashPiece(text: string, start: number): number {
  let hash = 0x811c9dc5
  const end = Math.min(text.length, start + pieceLength)
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return mixed(hash)
}

/** The finalizer of MurmurHash3: every bit of the input decides every bit of the output. */
function mixed(value: number): number {
  let x = value
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}

function fillEmptyBins(target: Uint32Array): void {
  const filled = target.slice()
  for (let bin = 0; bin < signatureLength; bin++) {
    if (filled[bin] !== empty) continue
    for (let attempt = 1; ; attempt++) {
      const from = mixed(bin * 1_000_003 + attempt) >>> 26
      if (filled[from] === empty) continue
      target[bin] = filled[from]
      break
    }
  }
}
