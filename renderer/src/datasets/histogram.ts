/** Rows whose number of tokens lies from `low` to `high`, both included. */
export interface Bin {
  readonly low: number
  readonly high: number
  readonly rows: number
}

type Lengths = readonly { readonly tokens: number; readonly rows: number }[]

/** Bins of equal, round width, at most `mostBins`, from the shortest row to the longest. Empty without rows. */
export function histogram(lengths: Lengths, mostBins = 40): readonly Bin[] {
  const first = lengths[0]
  const last = lengths.at(-1)
  if (first === undefined || last === undefined) return []
  const width = roundWidth((last.tokens - first.tokens + 1) / mostBins)
  const start = Math.floor(first.tokens / width) * width
  const rows = new Array<number>(Math.floor((last.tokens - start) / width) + 1).fill(0)
  for (const length of lengths) {
    const bin = Math.floor((length.tokens - start) / width)
    rows[bin] = (rows[bin] ?? 0) + length.rows
  }
  return rows.map((count, index) => ({
    low: start + index * width,
    high: start + (index + 1) * width - 1,
    rows: count,
  }))
}

/** How many rows are longer than `maximum` tokens. */
export function rowsBeyond(lengths: Lengths, maximum: number): number {
  return lengths.reduce((total, { tokens, rows }) => total + (tokens > maximum ? rows : 0), 0)
}

/** The next of 1, 2, 5, 10, 20, 50 … */
function roundWidth(width: number): number {
  if (width <= 1) return 1
  const power = 10 ** Math.floor(Math.log10(width))
  return power * ([1, 2, 5, 10].find((step) => step * power >= width) ?? 10)
}
