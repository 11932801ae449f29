/** Two neighbouring symbols that become one. A lower rank merges earlier. */
export interface Merge {
  readonly left: number
  readonly right: number
  readonly rank: number
  readonly merged: number
}

/** Symbols are from 0 to 2^26 − 1, so that a pair is an exact integer (below 2^53). */
const symbolLimit = 2 ** 26

/** Finds the merge of a pair of symbols by bisection: 16 bytes a merge, and no input makes a lookup slow. */
export class MergeTable {
  readonly ranks: Int32Array
  readonly merged: Int32Array
  /** left · 2^26 + right, ascending. */
  private readonly pairs: Float64Array

  /** Of two merges of the same pair the lower rank counts. */
  constructor(merges: readonly Merge[]) {
    const pairOf = ({ left, right }: Merge): number => left * symbolLimit + right
    const sorted = [...merges].sort(
      (first, second) => pairOf(first) - pairOf(second) || first.rank - second.rank,
    )
    this.pairs = Float64Array.from(sorted, pairOf)
    this.ranks = Int32Array.from(sorted, (merge) => merge.rank)
    this.merged = Int32Array.from(sorted, (merge) => merge.merged)
  }

  /** Index of the pair's merge in `ranks` and `merged`, or −1. */
  find(left: number, right: number): number {
    const pair = left * symbolLimit + right
    let low = 0
    let high = this.pairs.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.pairs[middle] < pair) low = middle + 1
      else high = middle
    }
    return this.pairs[low] === pair ? low : -1
  }

  /** All merges in order of rank. */
  list(): Merge[] {
    const merges = Array.from(this.pairs, (pair, index) => {
      const right = pair % symbolLimit
      const left = (pair - right) / symbolLimit
      return { left, right, rank: this.ranks[index], merged: this.merged[index] }
    })
    return merges.sort((first, second) => first.rank - second.rank)
  }
}
