import { linearNames, linearShape, type LinearName, type ModelDescription } from '../model/description.js'
import {
  factorShape,
  linear,
  weightsAsInputs,
  type LinearFactors,
  type LinearFormat,
  type ZeroPointPath,
} from './linear.js'
import { Tape, type Value } from './tape.js'

/** What a block graph depends on besides the model: equal variants share one session. */
export interface BlockVariant {
  readonly formats: Readonly<Record<LinearName, LinearFormat>>
  readonly zeroPointPath: ZeroPointPath
  /** Whether the graph takes factors on the outputs (rows) and inputs (columns) of its linears. */
  readonly factors: 'none' | 'rows' | 'rowsAndColumns'
  /** Whether keys and values of earlier positions come in and go out, for generation. */
  readonly hasCache: boolean
}

/**
 * The graph of one transformer block; every weight is an input, so that one session serves all blocks of a shape.
 *
 * Inputs: `hidden` [batch, sequence, width], `lastPositions` [batch] (index of the last key each example may see),
 * `totalLength` [1] (positions including the cache), `cosines` and `sines` [positions, dimensions / 2], the norms,
 * the linears' weights (`attn_q.codes`, …) and, where the variant has them, `NAME.rowFactors` [batch or 1, 1, rows],
 * `NAME.columnFactors` [batch or 1, 1, columns], `pastKeys` and `pastValues` [batch, kvHeads, positions, headWidth].
 * Outputs: `nextHidden`, and `keys` and `values` with a cache.
 *
 * Source: LLaMA, Touvron et al. 2023, arXiv:2302.13971, section 2.2; grouped queries, Ainslie et al. 2023.
 */
export function buildBlockGraph(model: ModelDescription, variant: BlockVariant): Uint8Array {
  const tape = new Tape()
  const shape = ['batch', 'sequence', model.width]
  const hidden = tape.input('hidden', 'float32', shape)
  const project = (x: Value, name: LinearName): Value => blockLinear(tape, model, variant, x, name)
  const normalized = rmsNorm(
    tape,
    hidden,
    tape.input('attn_norm', 'float32', [model.width]),
    model.normEpsilon,
  )
  const [attended, keys, values] = attention(tape, model, variant, {
    queries: project(normalized, 'attn_q'),
    keys: project(normalized, 'attn_k'),
    values: project(normalized, 'attn_v'),
  })
  const [middle, residual] = addAndNorm(
    tape,
    hidden,
    project(attended, 'attn_output'),
    tape.input('ffn_norm', 'float32', [model.width]),
    model.normEpsilon,
  )
  const gate = silu(tape, project(middle, 'ffn_gate'))
  const product = tape.node('Mul', [gate, project(middle, 'ffn_up')])
  const next = tape.node('Add', [residual, project(product, 'ffn_down')])
  tape.output('nextHidden', next, 'float32', shape)
  if (variant.hasCache) {
    const cacheShape = ['batch', model.kvHeadCount, 'totalPositions', model.headWidth]
    tape.output('keys', keys, 'float32', cacheShape)
    tape.output('values', values, 'float32', cacheShape)
  }
  return tape.build('block')
}

function blockLinear(
  tape: Tape,
  model: ModelDescription,
  variant: BlockVariant,
  x: Value,
  name: LinearName,
): Value {
  const { rows, columns } = linearShape(model, name)
  const spec = {
    name,
    rows,
    columns,
    format: variant.formats[name],
    hasBias: model.biases.includes(name),
    zeroPointPath: variant.zeroPointPath,
  }
  const factors: LinearFactors = {
    ...(variant.factors !== 'none' && {
      rows: tape.input(`${name}.rowFactors`, 'float32', factorShape(rows)),
    }),
    ...(variant.factors === 'rowsAndColumns' && {
      columns: tape.input(`${name}.columnFactors`, 'float32', factorShape(columns)),
    }),
  }
  return linear(tape, x, spec, weightsAsInputs(tape, name), factors)
}

/** y = x / √(mean(x²) + ε) ∘ weight. Source: Zhang and Sennrich 2019, arXiv:1910.07467. */
export function rmsNorm(tape: Tape, x: Value, weight: Value, epsilon: number): Value {
  return tape.node('SimplifiedLayerNormalization', [x, weight], {
    axis: -1,
    stash_type: 1,
    epsilon: { float: epsilon },
  })
}

/** The residual sum x + y, and its norm, in one pass. */
export function addAndNorm(
  tape: Tape,
  x: Value,
  y: Value,
  weight: Value,
  epsilon: number,
): [normed: Value, sum: Value] {
  const outputs = tape.nodes(
    'SkipSimplifiedLayerNormalization',
    [x, y, weight],
    { epsilon: { float: epsilon } },
    { domain: 'com.microsoft', outputs: 4, unused: [1, 2] },
  )
  return [outputs[0] ?? '', outputs[3] ?? '']
}

/** x · sigmoid(x). */
export function silu(tape: Tape, x: Value): Value {
  return tape.node('QuickGelu', [x], { alpha: { float: 1 } }, { domain: 'com.microsoft' })
}

interface Heads {
  readonly queries: Value
  readonly keys: Value
  readonly values: Value
}

/** Causal grouped-query attention with rotary embedding; returns its output and the keys and values to keep. */
function attention(
  tape: Tape,
  model: ModelDescription,
  variant: BlockVariant,
  { queries, keys, values }: Heads,
): [output: Value, keys: Value, values: Value] {
  const pastShape = ['batch', model.kvHeadCount, 'pastPositions', model.headWidth]
  const past = variant.hasCache
    ? [tape.input('pastKeys', 'float32', pastShape), tape.input('pastValues', 'float32', pastShape)]
    : ['', '']
  const [output = '', presentKeys = '', presentValues = ''] = tape.nodes(
    'GroupQueryAttention',
    [
      queries,
      keys,
      values,
      ...past,
      tape.input('lastPositions', 'int32', ['batch']),
      tape.input('totalLength', 'int32', [1]),
      tape.input('cosines', 'float32', ['positions', model.rope.dimensions / 2]),
      tape.input('sines', 'float32', ['positions', model.rope.dimensions / 2]),
    ],
    {
      num_heads: model.headCount,
      kv_num_heads: model.kvHeadCount,
      do_rotary: 1,
      rotary_interleaved: model.rope.layout === 'interleaved' ? 1 : 0,
    },
    { domain: 'com.microsoft', outputs: 3 },
  )
  return [output, presentKeys, presentValues]
}

/** A key that is equal for equal variants. */
export function variantKey(variant: BlockVariant): string {
  return JSON.stringify([
    linearNames.map((name) => variant.formats[name]),
    variant.zeroPointPath,
    variant.factors,
    variant.hasCache,
  ])
}
