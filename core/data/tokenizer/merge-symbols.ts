import type { MergeTable } from './merge-table.js'
import { NumberHeap } from './number-heap.js'

const gone = -1
/** Positions fit below this, so that rank · positions + position stays an exact integer (below 2^53). */
const positions = 2 ** 30

/**
 * Merges neighbouring symbols until no merge applies: always the pair of lowest rank, the leftmost of equals.
 *
 * This is byte-pair encoding where ranks come from a list of merges, and SentencePiece's bigram merging where they come
 * from the tokens' scores. Takes O(n log n) for n symbols, however long the word.
 *
 * Source: Sennrich et al. 2016, arXiv:1508.07909; Kudo and Richardson 2018, arXiv:1808.06226.
 *
 * @param symbols used as working space
 */
export function mergeSymbols(symbols: number[], table: MergeTable): number[] {
  const count = symbols.length
  const next = Array.from({ length: count }, (_, index) => index + 1)
  const previous = Array.from({ length: count }, (_, index) => index - 1)
  const queue = new NumberHeap()
  const findAt = (left: number): number => {
    const isPair = left >= 0 && symbols[left] !== gone && next[left] < count
    return isPair ? table.find(symbols[left], symbols[next[left]]) : -1
  }
  const offer = (left: number): void => {
    const merge = findAt(left)
    if (merge >= 0) queue.push(table.ranks[merge] * positions + left)
  }

  for (let left = 0; left + 1 < count; left++) offer(left)
  for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) {
    const left = entry % positions
    const merge = findAt(left)
    // An entry is stale when one of its symbols has merged with another neighbour meanwhile.
    if (merge < 0 || table.ranks[merge] !== (entry - left) / positions) continue
    const right = next[left]
    symbols[left] = table.merged[merge]
    symbols[right] = gone
    next[left] = next[right]
    if (next[left] < count) previous[next[left]] = left
    offer(previous[left])
    offer(left)
  }
  return symbols.filter((symbol) => symbol !== gone)
}
