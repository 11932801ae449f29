import type { Tape, Value } from '../tape.js'
import { causalMask } from './causal-mask.js'
import type { Attended, AttentionShape, Heads } from './heads.js'
import { rotate, type RotaryTables } from './rotary.js'
import { capped, throughCap } from './soft-cap.js'

/** What the gradients of attention are computed from. */
export interface AttentionValues {
  /** Before rotation, shape [batch, sequence, heads · headWidth]. */
  readonly queries: Value
  /** Its keys are rotated, and like its values have shape [batch, kvHeads, sequence, headWidth]. */
  readonly attended: Attended
  readonly tables: RotaryTables
  /** Gradient of the output, shape [batch, sequence, heads · headWidth]. */
  readonly gradient: Value
}

/**
 * Gradients of causal grouped-query attention. With Q and K rotated, s the scale of scores and O = P V:
 *
 * P = softmax(cap(s · Q Kᵀ) + mask), dP = dO Vᵀ, dS = s · cap′ ∘ P ∘ (dP − rowsum(dO ∘ O)),
 * dV = Pᵀ dO, dQ = dS K, dK = dSᵀ Q, and dQ, dK rotated back. Without a cap, cap(x) = x.
 *
 * Queries are taken in `chunks` parts, each with the keys up to its own end, so that a tensor [heads, sequence / chunks,
 * sequence] is the largest. The heads of a group are further rows of their key head's products, which sums over them.
 *
 * Source: FlashAttention, Dao et al. 2022, arXiv:2205.14135, appendix B.2.
 */
export function attentionGradients(
  tape: Tape,
  model: AttentionShape,
  { queries, attended, tables, gradient }: AttentionValues,
  chunks: number,
): Heads {
  const { headCount, kvHeadCount, headWidth, rope } = model
  const group = headCount / kvHeadCount
  const rotated = rope === null ? queries : rotate(tape, queries, headCount, rope, tables, 'forward')
  const byKeyHead = (value: Value): Value => groupedRows(tape, value, kvHeadCount, group, headWidth)
  const all: ChunkValues = {
    queries: byKeyHead(rotated),
    gradient: byKeyHead(gradient),
    // rowsum(dO ∘ O), one number for each row.
    meanGradient: tape.node(
      'ReduceSum',
      [byKeyHead(tape.node('Mul', [gradient, attended.output])), tape.int64([-1])],
      { keepdims: 1 },
    ),
  }
  const length = tape.node('Shape', [queries], { start: 1, end: 2 })
  const parts = chunkBounds(tape, length, chunks).map(([start, end]) =>
    chunkGradients(tape, { all, attended, start, end, length, group, isWhole: chunks === 1, model }),
  )
  const sum = (values: readonly Value[]): Value => values.reduce((x, y) => tape.node('Add', [x, y]))
  const joined =
    chunks === 1
      ? parts[0].queries
      : tape.node(
          'Concat',
          parts.map((part) => part.queries),
          { axis: 2 },
        )
  const back = (value: Value, heads: number): Value =>
    rope === null ? value : rotate(tape, value, heads, rope, tables, 'inverse')
  return {
    queries: back(byPosition(tape, joined, kvHeadCount, group, headWidth), headCount),
    keys: back(byPosition(tape, sum(parts.map((part) => part.keys)), kvHeadCount, 1, headWidth), kvHeadCount),
    values: byPosition(tape, sum(parts.map((part) => part.values)), kvHeadCount, 1, headWidth),
  }
}

interface ChunkValues {
  readonly queries: Value
  readonly gradient: Value
  readonly meanGradient: Value
}

interface Chunk {
  readonly all: ChunkValues
  readonly attended: Attended
  readonly start: Value
  readonly end: Value
  /** Of the whole sequence. */
  readonly length: Value
  readonly group: number
  readonly model: AttentionShape
  readonly isWhole: boolean
}

/** Gradients of the queries from `start` to `end`, and their part in those of the keys and values. */
function chunkGradients(tape: Tape, chunk: Chunk): Heads {
  const { attended, start, end, length, group, isWhole, model } = chunk
  const { attentionScale, attentionSoftCap: cap, window } = model
  const rows = (value: Value): Value => {
    if (isWhole) return value
    const first = tape.node('Mul', [start, tape.int64([group])])
    const last = tape.node('Mul', [end, tape.int64([group])])
    return tape.node('Slice', [value, first, last, tape.int64([2])])
  }
  const upToEnd = (value: Value): Value =>
    isWhole ? value : tape.node('Slice', [value, tape.int64([0]), end, tape.int64([2])])
  const queries = rows(chunk.all.queries)
  const gradient = rows(chunk.all.gradient)
  const keys = upToEnd(attended.keys)
  const values = upToEnd(attended.values)

  const scale = { alpha: { float: attentionScale } }
  const products = product(tape, queries, keys, { transB: 1, ...scale })
  const scores = cap === null ? products : capped(tape, products, cap)
  const masked = tape.node('Add', [scores, causalMask(tape, start, end, group, window)])
  const weights = tape.node('Softmax', [masked], { axis: -1 })
  const centered = tape.node('Sub', [
    product(tape, gradient, values, { transB: 1 }),
    rows(chunk.all.meanGradient),
  ])
  const ofScores = tape.node('Mul', [weights, centered])
  const scoreGradient = cap === null ? ofScores : throughCap(tape, ofScores, scores, cap)

  const toLength = (value: Value): Value => (isWhole ? value : paddedRows(tape, value, end, length))
  return {
    queries: product(tape, scoreGradient, keys, scale),
    keys: toLength(product(tape, scoreGradient, queries, { transA: 1, ...scale })),
    values: toLength(product(tape, weights, gradient, { transA: 1 })),
  }
}

function product(
  tape: Tape,
  x: Value,
  y: Value,
  attributes: Readonly<Record<string, number | { readonly float: number }>>,
): Value {
  return tape.node('FusedMatMul', [x, y], attributes, { domain: 'com.microsoft' })
}

/** First and last position (exclusive) of each of `chunks` nearly equal parts of a sequence. */
function chunkBounds(tape: Tape, length: Value, chunks: number): [start: Value, end: Value][] {
  const bound = (chunk: number): Value => {
    if (chunk === 0) return tape.int64([0])
    if (chunk === chunks) return length
    return tape.node('Div', [tape.node('Mul', [length, tape.int64([chunk])]), tape.int64([chunks])])
  }
  return Array.from({ length: chunks }, (_, chunk) => [bound(chunk), bound(chunk + 1)])
}

/** Adds rows of zeros from `end` to `length`. */
function paddedRows(tape: Tape, value: Value, end: Value, length: Value): Value {
  const after = tape.node('Sub', [length, end])
  const pads = tape.node('Concat', [tape.int64([0]), after], { axis: 0 })
  return tape.node('Pad', [value, pads, '', tape.int64([2])])
}

/** [batch, sequence, kvHeads · group · headWidth] → [batch, kvHeads, sequence · group, headWidth]. */
function groupedRows(tape: Tape, value: Value, kvHeads: number, group: number, headWidth: number): Value {
  const split = tape.node('Reshape', [value, tape.int64([0, 0, kvHeads, group * headWidth])])
  const byHead = tape.node('Transpose', [split], { perm: [0, 2, 1, 3] })
  return tape.node('Reshape', [byHead, tape.int64([0, kvHeads, -1, headWidth])])
}

/** The inverse of `groupedRows`. */
function byPosition(tape: Tape, value: Value, kvHeads: number, group: number, headWidth: number): Value {
  const split = tape.node('Reshape', [value, tape.int64([0, kvHeads, -1, group * headWidth])])
  const byToken = tape.node('Transpose', [split], { perm: [0, 2, 1, 3] })
  return tape.node('Reshape', [byToken, tape.int64([0, 0, kvHeads * group * headWidth])])
}
