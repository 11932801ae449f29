import type { ReusedBuffer } from '../engine/reused-buffer.js'

/** The factors of a vector on both sides of a probe, and how they lie along a row of the graph's input. */
export interface FactorProbe {
  readonly factors: Float32Array
  /** What a factor is multiplied by where its row goes up in that element, and where it goes down. */
  readonly up: number
  readonly down: number
  /** Neighbours in the graph's input that share a factor: 1, or an even number. */
  readonly spread: number
}

/** A row of the batch: the bits of its direction, and whether it goes along it or against it. */
export interface RowSigns {
  readonly words: Uint32Array
  readonly sign: 1 | -1
}

/**
 * Lays out the factors of every row, shape [rows, factors · spread].
 *
 * Neighbours are written two at a time, as 64 bits from a table that the signs index: a branch on random bits would be guessed
 * wrong half of the time. No two finite float32 look like a NaN as float64, so the copy keeps every bit.
 *
 * @param scratch where the table lies
 */
export function layOutFactors(
  target: Float32Array,
  probe: FactorProbe,
  rows: readonly RowSigns[],
  scratch: ReusedBuffer,
): void {
  const { factors, spread } = probe
  const length = factors.length * spread
  if (length % 2 === 1) {
    layOutSingly(target, probe, rows)
    return
  }
  const pairs = asPairs(target)
  const table = scratch.take(4 * factors.length)
  if (spread === 1) tabulateNeighbours(table, probe)
  else tabulateEquals(table, probe)
  rows.forEach(({ words, sign }, row) => {
    const start = (row * length) / 2
    if (spread === 1) fillNeighbours(pairs, start, asPairs(table), words, sign === 1 ? 0 : 3)
    else fillBlocks(pairs, start, asPairs(table), words, sign === 1 ? 0 : 1, spread / 2)
  })
}

function asPairs({ buffer, byteOffset, length }: Float32Array): Float64Array {
  return new Float64Array(buffer, byteOffset, length / 2)
}

/** Pair 4p + b: factors 2p and 2p + 1, the first raised where bit 0 of b is 1, the second where bit 1 is. */
function tabulateNeighbours(table: Float32Array, { factors, up, down }: FactorProbe): void {
  for (let i = 0; i < factors.length; i += 2) {
    const at = 4 * i
    table[at] = table[at + 4] = factors[i] * down
    table[at + 2] = table[at + 6] = factors[i] * up
    table[at + 1] = table[at + 3] = factors[i + 1] * down
    table[at + 5] = table[at + 7] = factors[i + 1] * up
  }
}

/** Pair 2i + b: factor i twice, raised where b is 1. */
function tabulateEquals(table: Float32Array, { factors, up, down }: FactorProbe): void {
  for (let i = 0; i < factors.length; i++) {
    table[4 * i] = table[4 * i + 1] = factors[i] * down
    table[4 * i + 2] = table[4 * i + 3] = factors[i] * up
  }
}

/** Four pairs, a byte of signs, a turn: V8 takes three quarters of the time. */
function fillNeighbours(
  target: Float64Array,
  start: number,
  table: Float64Array,
  words: Uint32Array,
  flip: 0 | 3,
): void {
  const count = table.length / 4
  const whole = count & ~3
  for (let pair = 0; pair < whole; pair += 4) {
    const bits = words[pair >>> 4] >>> (2 * (pair & 15))
    const entry = 4 * pair
    const at = start + pair
    target[at] = table[entry + ((bits & 3) ^ flip)]
    target[at + 1] = table[entry + 4 + (((bits >> 2) & 3) ^ flip)]
    target[at + 2] = table[entry + 8 + (((bits >> 4) & 3) ^ flip)]
    target[at + 3] = table[entry + 12 + (((bits >> 6) & 3) ^ flip)]
  }
  for (let pair = whole; pair < count; pair++) {
    const bits = (words[pair >>> 4] >>> (2 * (pair & 15))) & 3
    target[start + pair] = table[4 * pair + (bits ^ flip)]
  }
}

function fillBlocks(
  target: Float64Array,
  start: number,
  table: Float64Array,
  words: Uint32Array,
  flip: 0 | 1,
  pairsEach: number,
): void {
  const count = table.length / 2
  for (let block = 0, pair = start; block < count; block++, pair += pairsEach) {
    const bit = (words[block >>> 5] >>> (block & 31)) & 1
    target.fill(table[2 * block + (bit ^ flip)], pair, pair + pairsEach)
  }
}

/** An odd number of factors has no pairs across the rows of a batch. */
function layOutSingly(
  target: Float32Array,
  { factors, up, down }: FactorProbe,
  rows: readonly RowSigns[],
): void {
  rows.forEach(({ words, sign }, row) => {
    const start = row * factors.length
    for (let i = 0; i < factors.length; i++) {
      const isUp = ((words[i >>> 5] >>> (i & 31)) & 1) === (sign === 1 ? 1 : 0)
      target[start + i] = factors[i] * (isUp ? up : down)
    }
  })
}
