import { ropesOf, type ModelDescription } from '../model/description.js'
import type { ContentOf } from './linear.js'
import { Tape, type Value } from './tape.js'
import {
  cachedBlock,
  cacheNames,
  outputLogits,
  ropeIndex,
  tableNames,
  type ModelFormats,
} from './whole-model-graph.js'

/** Consecutive blocks that share a session, and whether the output matrix follows them. */
export interface DecoderPart {
  readonly firstLayer: number
  readonly endLayer: number
  readonly hasHead: boolean
}

/**
 * The graph of several blocks of a model that generates: weights as initializers, because the kernel for few tokens takes
 * only constant ones.
 *
 * Inputs: `hidden` [1, sequence, width], `lastPositions` [1], `totalLength` [1], the tables `cosines` and `sines`
 * [positions, dimensions / 2] of each of the model's ropes, called as `tableNames` says, and each layer's past keys and values [1, kvHeads, capacity, headWidth], called as
 * `cacheNames` says. Outputs: `nextHidden`, or `logits` [1, 1, vocabulary] of the last position, and the keys and values of
 * the new positions alone [1, kvHeads, sequence, headWidth]: the runtime copies every output once.
 */
export function buildDecoderGraph(
  model: ModelDescription,
  formats: ModelFormats,
  part: DecoderPart,
  contentOf: ContentOf,
): Uint8Array {
  const tape = new Tape()
  const shape = ['batch_size', 'sequence_length', model.width]
  const tableShape = ['positions', model.rope.dimensions / 2]
  let hidden = tape.input('hidden', 'float32', shape)
  const positions = {
    lastPositions: tape.input('lastPositions', 'int32', ['batch_size']),
    totalLength: tape.input('totalLength', 'int32', [1]),
  }
  const tables = ropesOf(model).map((_, index) => {
    const { cosines, sines } = tableNames('', index)
    return {
      cosines: tape.input(cosines, 'float32', tableShape),
      sines: tape.input(sines, 'float32', tableShape),
    }
  })
  for (let layer = part.firstLayer; layer < part.endLayer; layer++) {
    const block = cachedBlock(tape, model, hidden, {
      layer,
      formats: formats.blocks[layer],
      lowRank: formats.branches[layer],
      positions: { ...positions, ...tables[ropeIndex(model, layer)] },
      contentOf,
    })
    const names = cacheNames(layer)
    const cacheShape = ['batch_size', model.kvHeadCount, 'sequence_length', model.headWidth]
    tape.output(
      names.keys,
      newPositions(tape, block.keys, hidden, positions.totalLength),
      'float32',
      cacheShape,
    )
    tape.output(
      names.values,
      newPositions(tape, block.values, hidden, positions.totalLength),
      'float32',
      cacheShape,
    )
    hidden = block.next
  }
  if (part.hasHead) {
    const last = tape.node('Slice', [hidden, tape.int64([-1]), tape.int64([2 ** 31]), tape.int64([1])])
    const logits = outputLogits(tape, model, last, formats.output, contentOf)
    tape.output('logits', logits, 'float32', ['batch_size', 1, model.vocabularySize])
  } else {
    tape.output('nextHidden', hidden, 'float32', shape)
  }
  return tape.build('decoder')
}

/** Of keys or values at all positions up to the capacity, those of the tokens in `hidden`, which end at `totalLength`. */
function newPositions(tape: Tape, present: Value, hidden: Value, totalLength: Value): Value {
  const end = tape.node('Cast', [totalLength], { to: 7 })
  const start = tape.node('Sub', [end, tape.node('Shape', [hidden], { start: 1, end: 2 })])
  return tape.node('Slice', [present, start, end, tape.int64([2])])
}
