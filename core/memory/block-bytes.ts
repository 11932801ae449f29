import { bytesUnpackedAtOnce } from '../engine/unpacked-weights.js'
import { attentionChunks } from '../engine/gradient-runner.js'
import { linearNames, linearShape, type ModelDescription } from '../model/description.js'
import type { Precision } from '../schema/precision.js'

/** The largest run of a block. */
export interface BlockRun {
  /** Padding and copies included. */
  readonly tokens: number
  readonly longestSequence: number
}

const floatBytes = 4
const halfBytes = 2
/** What a weight that looks a table up holds while it does: its share of a byte as an index, its level, and its value. */
const lookUpShare = (2 + 4 + 4) / 4

/**
 * Bytes of a block's forward pass at its peak, hidden states in arrays of ours included: either attention, whose kernel copies
 * queries, keys and values by head and holds all weights [batch, heads, sequence, sequence], or the feed-forward part, and one
 * linear's weight, which the kernel unpacks.
 *
 * The same in half floats: those of a product are there while fewer floats are than where gate and up part meet.
 *
 * @param looksUp whether codes look a table up
 */
export function forwardBytes(model: ModelDescription, run: BlockRun, looksUp = false): number {
  const { width, feedForwardWidth } = model
  const { queries, keys } = attentionWidths(model)
  // Embedded, entering and leaving a block, and repeated for a probe's other side.
  const states = 4 * width
  const attention = 4 * queries + 7 * keys
  const feedForward = 2 * width + 3 * feedForwardWidth
  return Math.max(
    floatBytes * run.tokens * (states + attention) + attentionWeightBytes(model, run),
    floatBytes * run.tokens * (states + feedForward) + (looksUp ? lookUpShare : 1) * largestUnpacked(model),
  )
}

/** Bytes of one tensor of hidden states. */
export function hiddenBytes({ width }: ModelDescription, { tokens }: BlockRun): number {
  return floatBytes * tokens * width
}

/**
 * Bytes of a block's backward pass at its peak, in tensors of the widths of its parts: the values that were computed again, and
 * the gradients that meet them; weights unpacked; six tensors of attention weights for a chunk of queries.
 *
 * In half floats a product's operand and result are there twice, and its weights are always unpacked in the graph; so are those
 * that look a table up.
 */
export function backwardBytes(
  model: ModelDescription,
  run: BlockRun,
  precision: Precision = 'float32',
  looksUp = false,
): number {
  const { width, feedForwardWidth, headCount } = model
  const { queries, keys } = attentionWidths(model)
  // Of the hidden states: entering, and the gradients at the last layer, at a block's end and at its start.
  const states = 7 * width
  const values = 4 * width + 6 * queries + 6 * keys + 4 * feedForwardWidth
  const gradients = 4 * width + 3 * feedForwardWidth
  const rows = Math.ceil(run.tokens / run.longestSequence)
  const chunks = attentionChunks(rows * headCount, run.longestSequence)
  const inGraph = (looksUp ? 1 + lookUpShare : 2) * largestUnpacked(model)
  const ofWeights =
    precision === 'float16' || looksUp ? inGraph : Math.max(inGraph, bytesUnpackedAtOnce(model))
  const ofHalves = precision === 'float16' ? halfBytes * run.tokens * widestProduct(model) : 0
  return (
    floatBytes * run.tokens * (states + values + gradients) +
    (6 * attentionWeightBytes(model, run)) / chunks +
    ofWeights +
    ofHalves
  )
}

/** Numbers of a token that go into a product and come out, at most. */
function widestProduct(model: ModelDescription): number {
  return Math.max(
    ...linearNames.map((name) => {
      const { rows, columns } = linearShape(model, name)
      return rows + columns
    }),
  )
}

/** One tensor [batch, heads, sequence, sequence]. */
function attentionWeightBytes(
  { headCount }: ModelDescription,
  { tokens, longestSequence }: BlockRun,
): number {
  return floatBytes * tokens * longestSequence * headCount
}

function attentionWidths({ headCount, kvHeadCount, headWidth }: ModelDescription) {
  return { queries: headCount * headWidth, keys: kvHeadCount * headWidth }
}

function largestUnpacked(model: ModelDescription): number {
  const sizes = linearNames.map((name) => {
    const { rows, columns } = linearShape(model, name)
    return floatBytes * rows * columns
  })
  return Math.max(...sizes)
}
