import { linearNames, linearShape, type LinearName, type ModelDescription } from '../model/description.js'
import { factorShape, linear, weightsAsInputs, type LinearFactors, type LinearFormat } from './linear.js'
import { Tape, type Value } from './tape.js'
import { transformerBlock } from './transformer-block.js'

/** What a block graph depends on besides the model: equal variants share one session. */
export interface BlockVariant {
  readonly formats: Readonly<Record<LinearName, LinearFormat>>
  /** Whether the graph takes factors on the outputs (rows) and inputs (columns) of its linears. */
  readonly factors: 'none' | 'rows' | 'rowsAndColumns'
}

/**
 * The graph of one transformer block; every weight is an input, so that one session serves all blocks of a shape.
 *
 * Inputs: `hidden` [batch, sequence, width], `lastPositions` [batch] (index of the last key each example may see),
 * `totalLength` [1] (positions), `cosines` and `sines` [positions, dimensions / 2], `attn_norm` and `ffn_norm` [width], the
 * linears' weights (`attn_q.codes`, …) and, where the variant has them, `NAME.rowFactors` [batch or 1, 1, rows] and
 * `NAME.columnFactors` [batch or 1, 1, columns]. Output: `nextHidden`.
 */
export function buildBlockGraph(model: ModelDescription, variant: BlockVariant): Uint8Array {
  const tape = new Tape()
  const shape = ['batch', 'sequence', model.width]
  const tableShape = ['positions', model.rope.dimensions / 2]
  const { next } = transformerBlock(tape, model, tape.input('hidden', 'float32', shape), {
    attentionNorm: tape.input('attn_norm', 'float32', [model.width]),
    feedForwardNorm: tape.input('ffn_norm', 'float32', [model.width]),
    project: (x, name) => blockLinear(tape, model, variant, x, name),
    past: null,
    positions: {
      lastPositions: tape.input('lastPositions', 'int32', ['batch']),
      totalLength: tape.input('totalLength', 'int32', [1]),
      cosines: tape.input('cosines', 'float32', tableShape),
      sines: tape.input('sines', 'float32', tableShape),
    },
  })
  tape.output('nextHidden', next, 'float32', shape)
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
    zeroPointPath: 'zeroPoints',
  } as const
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

/** A key that is equal for equal variants. */
export function variantKey(variant: BlockVariant): string {
  return JSON.stringify([linearNames.map((name) => variant.formats[name]), variant.factors])
}
