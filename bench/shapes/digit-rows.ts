/** How rows of digits are made; a digit is a token of a generated shape. */
export interface DigitRows {
  readonly count: number
  /** Of each prompt, with the mark at its end. */
  readonly tokens: number
  readonly seed: number
}

/** Rows of random digits, `text` and `kind`: `a` where they have more even ones, else `b`. Both are there. */
export function digitRows({ count, tokens, seed }: DigitRows): string {
  const rows = Array.from({ length: count }, (_, row) => {
    const digits = Array.from({ length: tokens - 1 }, (_, index) => digitAt(seed, row, index))
    const even = digits.filter((digit) => digit % 2 === 0).length
    return `${digits.join('')}\t${2 * even > digits.length ? 'a' : 'b'}`
  })
  return `text\tkind\n${rows.join('\n')}\n`
}

/** A digit that its place decides: the upper bits of a multiplicative hash. */
function digitAt(seed: number, row: number, index: number): number {
  const mixed = Math.imul(Math.imul(seed * 65_537 + row * 257 + index, 0x9e37_79b1) ^ (row << 7), 0x85eb_ca6b)
  return (mixed >>> 16) % 10
}
