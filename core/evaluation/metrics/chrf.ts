const longestPiece = 6
/** β²: recall counts twice as much as precision. */
const recallWeight = 4

/** Counts of pieces of each length: said, expected, shared. */
type PieceCounts = readonly { readonly said: number; readonly expected: number; readonly shared: number }[]

/**
 * chrF2 of a text, 0 … 1: precision and recall of its pieces of one to six characters, averaged over the lengths, then
 * F = (1 + β²) P R / (β² P + R) with β = 2; of the accepted text that gives most. White space does not count.
 *
 * Source: Popović 2015; the form of sacrebleu (Post 2018): averaged over lengths that both texts have.
 */
export function chrf(answer: string, accepted: readonly string[]): number {
  return Math.max(...accepted.map((each) => scoreOf(countPieces(answer, each))))
}

function countPieces(answer: string, expected: string): PieceCounts {
  const [said, wanted] = [characters(answer), characters(expected)]
  return Array.from({ length: longestPiece }, (_, index) => {
    const [left, right] = [piecesOf(said, index + 1), piecesOf(wanted, index + 1)]
    let shared = 0
    for (const [piece, count] of left) shared += Math.min(count, right.get(piece) ?? 0)
    const total = (pieces: ReadonlyMap<string, number>): number =>
      [...pieces.values()].reduce((sum, count) => sum + count, 0)
    return { said: right.size === 0 ? 0 : total(left), expected: total(right), shared }
  })
}

function characters(text: string): readonly string[] {
  return Array.from(text.replace(/\s+/gu, ''))
}

function piecesOf(text: readonly string[], length: number): Map<string, number> {
  const pieces = new Map<string, number>()
  for (let start = 0; start + length <= text.length; start++) {
    const piece = text.slice(start, start + length).join('')
    pieces.set(piece, (pieces.get(piece) ?? 0) + 1)
  }
  return pieces
}

function scoreOf(counts: PieceCounts): number {
  const both = counts.filter(({ said, expected }) => said > 0 && expected > 0)
  if (both.length === 0) return 0
  const mean = (share: (each: (typeof both)[number]) => number): number =>
    both.reduce((sum, each) => sum + share(each), 0) / both.length
  const precision = mean(({ shared, said }) => shared / said)
  const recall = mean(({ shared, expected }) => shared / expected)
  const weighted = recallWeight * precision + recall
  return weighted === 0 ? 0 : ((1 + recallWeight) * precision * recall) / weighted
}
