import {
  linearNames,
  linearShape,
  normLength,
  type LinearName,
  type ModelDescription,
} from '../model/description.js'
import type { Precision } from '../schema/precision.js'
import type { BranchNoise, LowRankBranch } from './branch.js'
import { factorShape, linear, weightsAsInputs, type LinearFactors, type LinearFormat } from './linear.js'
import type { TokenChoice } from './operators/chosen-tokens.js'
import { plainLayer, type LayerKind } from './operators/layer-kind.js'
import { Tape, type Value } from './tape.js'
import { transformerBlock } from './transformer-block.js'

/** What a block graph depends on besides the model: equal variants share one session. */
export interface BlockVariant {
  readonly formats: Readonly<Record<LinearName, LinearFormat>>
  /** In what the block differs from others of the model; unless said it sees all positions, and rotates. */
  readonly kind?: LayerKind
  /** Whether the graph takes factors on the outputs (rows) and inputs (columns) of its linears. */
  readonly factors: 'none' | 'rows' | 'rowsAndColumns'
  /** The linears that have a low-rank branch; none unless said. */
  readonly lowRank?: Readonly<Partial<Record<LinearName, LowRankShape>>>
  /** The quantized linears whose weights are given as floats too; none unless said. */
  readonly unpacked?: readonly LinearName[]
  /** Of the products with the linears' weights, float32 unless said. In float16 no linear is given as floats. */
  readonly precision?: Precision
}

/** How a block is written down where its gradients are to follow. */
export interface ForGradients {
  /** Parts of the queries that the gradient of attention takes one after the other. */
  readonly attentionChunks: number
  /** From which tokens gradients of quantized weights are estimated; null for all. */
  readonly tokens: TokenChoice | null
}

export interface LowRankShape {
  readonly rank: number
  /** Multiplies the branch: α / rank, or α / √rank. Part of the graph, since it never changes in a run. */
  readonly scale: number
  /** Whether every row of the batch adds noise of its own to the branch's matrices. */
  readonly hasNoise?: true
}

/**
 * The graph of one transformer block; every weight is an input, so that one session serves all blocks of a shape.
 *
 * Inputs: `hidden` [batch, sequence, width], `lastPositions` [batch] (index of the last key each example may see),
 * `totalLength` [1] (positions), `cosines` and `sines` [positions, dimensions / 2], the model's norms by their names
 * (`attn_norm` [width], …) with `NAME.bias` where they have one, the linears' weights (`attn_q.codes`, …) and, where the variant has them, `NAME.rowFactors` [batch or 1, 1, rows],
 * `NAME.columnFactors` [batch or 1, 1, columns], `NAME.loraA` [rank, columns], `NAME.loraB` [rows, rank], where
 * these have noise `loraA.left` [batch, 1, rank], `loraA.right` [batch, columns, 1], `loraB.left` [batch, 1, rows] and
 * `loraB.right` [batch, rank, 1] after `NAME.`, and `NAME.weights` [rows, columns] of unpacked linears. Output: `nextHidden`.
 */
export function buildBlockGraph(model: ModelDescription, variant: BlockVariant): Uint8Array {
  const tape = new Tape()
  const next = blockOnInputs(tape, model, variant)
  tape.output('nextHidden', next, 'float32', ['batch', 'sequence', model.width])
  return tape.build('block')
}

/**
 * The nodes of a block over graph inputs, as `buildBlockGraph` names them; returns the next hidden state.
 *
 * @param onLinear sees what enters each linear
 */
export function blockOnInputs(
  tape: Tape,
  model: ModelDescription,
  variant: BlockVariant,
  { attentionChunks, tokens }: ForGradients = { attentionChunks: 1, tokens: null },
  onLinear: (name: LinearName, x: Value) => void = () => undefined,
): Value {
  const tableShape = ['positions', model.rope.dimensions / 2]
  const hidden = tape.input('hidden', 'float32', ['batch', 'sequence', model.width])
  const { next } = transformerBlock(tape, model, hidden, {
    kind: variant.kind ?? plainLayer,
    normOf: (name) => {
      const shape = [normLength(model, name)]
      const bias = model.normKind === 'layer' ? tape.input(`${name}.bias`, 'float32', shape) : null
      return { weight: tape.input(name, 'float32', shape), bias }
    },
    project: (x, name) => {
      onLinear(name, x)
      return blockLinear(tape, model, variant, { x, name, tokens })
    },
    past: null,
    gradientChunks: attentionChunks,
    positions: {
      lastPositions: tape.input('lastPositions', 'int32', ['batch']),
      totalLength: tape.input('totalLength', 'int32', [1]),
      cosines: tape.input('cosines', 'float32', tableShape),
      sines: tape.input('sines', 'float32', tableShape),
    },
  })
  return next
}

function blockLinear(
  tape: Tape,
  model: ModelDescription,
  variant: BlockVariant,
  { x, name, tokens }: { readonly x: Value; readonly name: LinearName; readonly tokens: TokenChoice | null },
): Value {
  const { rows, columns } = linearShape(model, name)
  const spec = {
    name,
    rows,
    columns,
    format: variant.formats[name],
    hasBias: model.biases.includes(name),
    zeroPointPath: 'zeroPoints',
    isUnpacked: variant.unpacked?.includes(name) ?? false,
    precision: variant.precision ?? 'float32',
    tokens,
  } as const
  const factors: LinearFactors = {
    ...(variant.factors !== 'none' && {
      rows: tape.input(`${name}.rowFactors`, 'float32', factorShape(rows)),
    }),
    ...(variant.factors === 'rowsAndColumns' && {
      columns: tape.input(`${name}.columnFactors`, 'float32', factorShape(columns)),
    }),
  }
  const branch = branchOnInputs(tape, name, { rows, columns }, variant.lowRank?.[name])
  return linear(tape, x, spec, weightsAsInputs(tape, name), factors, branch)
}

function branchOnInputs(
  tape: Tape,
  name: LinearName,
  { rows, columns }: { readonly rows: number; readonly columns: number },
  shape: LowRankShape | undefined,
): LowRankBranch | null {
  if (shape === undefined) return null
  const { rank, scale, hasNoise = false } = shape
  return {
    down: tape.input(`${name}.loraA`, 'float32', [rank, columns]),
    up: tape.input(`${name}.loraB`, 'float32', [rows, rank]),
    scale,
    ...(hasNoise && { noise: noiseOnInputs(tape, name, { rows, columns }, rank) }),
  }
}

function noiseOnInputs(
  tape: Tape,
  name: LinearName,
  { rows, columns }: { readonly rows: number; readonly columns: number },
  rank: number,
): BranchNoise {
  const noise = (matrix: 'loraA' | 'loraB', outputs: number, inputs: number) => ({
    left: tape.input(`${name}.${matrix}.left`, 'float32', ['batch', 1, outputs]),
    right: tape.input(`${name}.${matrix}.right`, 'float32', ['batch', inputs, 1]),
  })
  return { down: noise('loraA', rank, columns), up: noise('loraB', rows, rank) }
}

/** A key that is equal for equal variants. */
export function variantKey(variant: BlockVariant): string {
  const { formats, kind = plainLayer, factors, lowRank = {}, unpacked = [], precision = 'float32' } = variant
  return JSON.stringify([
    [kind.window, kind.isRotated],
    linearNames.map((name) => formats[name]),
    factors,
    linearNames.map((name) => lowRank[name] ?? null),
    linearNames.filter((name) => unpacked.includes(name)),
    precision,
  ])
}
