/** How rows of digits are made; a digit is a token of a generated shape. */
export interface DigitRows {
  readonly count: number
  /** Of each row: the prompt with the mark at its end, and the answer if it has one. */
  readonly tokens: number
  readonly seed: number
}

/** Tokens of an answer, its end included. */
const answerTokens = 32

/** Rows of random digits, `text` and `kind`: `a` where they have more even ones, else `b`. Both are there. */
export function digitRows({ count, tokens, seed }: DigitRows): string {
  const rows = Array.from({ length: count }, (_, row) => {
    const digits = digitsOf(seed, row, tokens - 1)
    const even = digits.replace(/[13579]/g, '').length
    return `${digits}\t${2 * even > digits.length ? 'a' : 'b'}`
  })
  return `text\tkind\n${rows.join('\n')}\n`
}

/** Rows of random digits, `text` and `tail`, which answers it. */
export function answerRows({ count, tokens, seed }: DigitRows): string {
  const rows = Array.from({ length: count }, (_, row) => {
    const digits = digitsOf(seed, row, tokens - 2)
    return `${digits.slice(0, 1 - answerTokens)}\t${digits.slice(1 - answerTokens)}`
  })
  return `text\ttail\n${rows.join('\n')}\n`
}

/** Digits that their places decide: the upper bits of a multiplicative hash. */
function digitsOf(seed: number, row: number, length: number): string {
  return Array.from({ length }, (_, index) => {
    const place = Math.imul(seed * 65_537 + row * 257 + index, 0x9e37_79b1) ^ (row << 7)
    return (Math.imul(place, 0x85eb_ca6b) >>> 16) % 10
  }).join('')
}
