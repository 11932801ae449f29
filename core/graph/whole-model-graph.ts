import {
  linearShape,
  normLength,
  ropesOf,
  type LinearName,
  type ModelDescription,
} from '../model/description.js'
import { embeddingRows } from './embedding.js'
import type { LowRankShape } from './block-graph.js'
import type { LowRankBranch } from './branch.js'
import { linear, weightsAsInitializers, type ContentOf, type LinearFormat } from './linear.js'
import { Tape, type Value } from './tape.js'
import type { PositionValues } from './operators/attention.js'
import { layerKind } from './operators/layer-kind.js'
import { scale } from './operators/elementwise.js'
import { finishedLogits, outputNorm } from './output-head.js'
import { transformerBlock, type BlockResult } from './transformer-block.js'

/** How each matrix of a model is stored. */
export interface ModelFormats {
  readonly embedding: LinearFormat
  readonly blocks: readonly Readonly<Record<LinearName, LinearFormat>>[]
  /** The low-rank branches of each block. */
  readonly branches: readonly LowRankShapes[]
  readonly output: LinearFormat
}

/** The linears of a block that have a low-rank branch. */
export type LowRankShapes = Readonly<Partial<Record<LinearName, LowRankShape>>>

/** Names of a layer's cache in the graph: what goes in and what comes out. */
export function cacheNames(layer: number): {
  pastKeys: string
  pastValues: string
  keys: string
  values: string
} {
  return {
    pastKeys: `past_key_values.${layer}.key`,
    pastValues: `past_key_values.${layer}.value`,
    keys: `present.${layer}.key`,
    values: `present.${layer}.value`,
  }
}

/**
 * The graph of a whole model with its weights as initializers, under the names that onnxruntime-genai and transformers.js
 * expect.
 *
 * Inputs: `input_ids` and `attention_mask`, int64, and each layer's past keys and values. Outputs: `logits` of every
 * position, and each layer's keys and values. Padding goes on the right: the mask only says how long each row is.
 *
 * Zero points take the path of block sums, which is made for the few tokens of a generating run.
 *
 * Source of the names and of the mask's part: onnxruntime-genai 0.18, src/python/py/models/builders/base.py.
 *
 * @param contentOf where the data of `token_embd.*`, `blk.N.LINEAR.*` with `loraA` and `loraB` of a branch, `blk.N.NORM`,
 *   `output_norm`, `output.*` and the tables of `tableNames` is
 */
export function buildWholeModelGraph(
  model: ModelDescription,
  formats: ModelFormats,
  contentOf: ContentOf,
): Uint8Array {
  const tape = new Tape()
  const tokens = tape.input('input_ids', 'int64', ['batch_size', 'sequence_length'])
  const positionsOf = positionValues(tape, model, contentOf)
  const { vocabularySize, width } = model
  const embedding = embeddingRows(
    tape,
    tokens,
    { vocabularySize, width, format: formats.embedding },
    weightsAsInitializers(tape, 'token_embd', contentOf),
  )
  let hidden = model.embeddingScale === 1 ? embedding : scale(tape, embedding, model.embeddingScale)
  const blocks = formats.blocks.map((block, layer) => {
    const lowRank = formats.branches[layer]
    const positions = positionsOf(layer)
    const result = cachedBlock(tape, model, hidden, { layer, formats: block, lowRank, positions, contentOf })
    hidden = result.next
    return result
  })
  const logits = outputLogits(tape, model, hidden, formats.output, contentOf)
  tape.output('logits', logits, 'float32', ['batch_size', 'sequence_length', vocabularySize])
  const cacheShape = ['batch_size', model.kvHeadCount, 'total_sequence_length', model.headWidth]
  blocks.forEach(({ keys, values }, layer) => {
    const names = cacheNames(layer)
    tape.output(names.keys, keys, 'float32', cacheShape)
    tape.output(names.values, values, 'float32', cacheShape)
  })
  return tape.build('model')
}

/** The final norm and the output matrix, as initializers. */
export function outputLogits(
  tape: Tape,
  model: ModelDescription,
  hidden: Value,
  format: LinearFormat,
  contentOf: ContentOf,
): Value {
  const spec = {
    name: 'output',
    rows: model.vocabularySize,
    columns: model.width,
    format,
    hasBias: false,
    zeroPointPath: 'blockSums',
  } as const
  const normed = outputNorm(tape, model, (name) => vector(tape, name, model.width, contentOf))(hidden)
  const products = linear(tape, normed, spec, weightsAsInitializers(tape, 'output', contentOf))
  return finishedLogits(tape, model, products)
}

/** What attention needs of the mask, its rows' lengths and its own width, with the tables of a layer's rope. */
function positionValues(
  tape: Tape,
  model: ModelDescription,
  contentOf: ContentOf,
): (layer: number) => PositionValues {
  const mask = tape.input('attention_mask', 'int64', ['batch_size', 'total_sequence_length'])
  const lengths = tape.node('ReduceSum', [mask, tape.int64([1])], { keepdims: 0 })
  const last = tape.node('Sub', [lengths, tape.int64([1])])
  const width = tape.node('Shape', [mask], { start: 1, end: 2 })
  const shape = [model.contextLength, model.rope.dimensions / 2]
  const table = (name: string): Value =>
    tape.initializer({ name, type: 'float32', shape, content: contentOf(name) })
  const common = {
    lastPositions: tape.node('Cast', [last], { to: 6 }),
    totalLength: tape.node('Cast', [width], { to: 6 }),
  }
  const tables = ropesOf(model).map((_, index) => {
    const names = tableNames('rope.', index)
    return { cosines: table(names.cosines), sines: table(names.sines) }
  })
  return (layer) => ({ ...common, ...tables[ropeIndex(model, layer)] })
}

/** Names of the tables of a model's ropes, by their place in `ropesOf`. */
export function tableNames(prefix: string, index: number): { cosines: string; sines: string } {
  const suffix = index === 0 ? '' : `.${index}`
  return { cosines: `${prefix}cosines${suffix}`, sines: `${prefix}sines${suffix}` }
}

/** Which of `ropesOf` a layer has; the first where it does not rotate, and reads no table. */
export function ropeIndex(model: ModelDescription, layer: number): number {
  const { rope } = model.layers[layer]
  return rope === null ? 0 : ropesOf(model).indexOf(rope)
}

export interface CachedBlock {
  readonly layer: number
  readonly formats: Readonly<Record<LinearName, LinearFormat>>
  readonly lowRank: LowRankShapes
  readonly positions: PositionValues
  readonly contentOf: ContentOf
}

/** Block `layer` with its weights as initializers and its past keys and values as inputs. */
export function cachedBlock(
  tape: Tape,
  model: ModelDescription,
  hidden: Value,
  { layer, formats, lowRank, positions, contentOf }: CachedBlock,
): BlockResult {
  const names = cacheNames(layer)
  const pastShape = ['batch_size', model.kvHeadCount, 'past_sequence_length', model.headWidth]
  const project = (x: Value, linearName: LinearName): Value => {
    const name = `blk.${layer}.${linearName}`
    const spec = {
      name,
      ...linearShape(model, linearName),
      format: formats[linearName],
      hasBias: model.biases.includes(linearName),
      zeroPointPath: 'blockSums',
    } as const
    const branch = constantBranch(tape, name, spec, lowRank[linearName], contentOf)
    return linear(tape, x, spec, weightsAsInitializers(tape, name, contentOf), {}, branch)
  }
  return transformerBlock(tape, model, hidden, {
    kind: layerKind(model.layers[layer]),
    normOf: (name) => {
      const ofNorm = (suffix: string): Value =>
        vector(tape, `blk.${layer}.${name}${suffix}`, normLength(model, name), contentOf)
      return { weight: ofNorm(''), bias: model.normKind === 'layer' ? ofNorm('.bias') : null }
    },
    project,
    past: [
      tape.input(names.pastKeys, 'float32', pastShape),
      tape.input(names.pastValues, 'float32', pastShape),
    ],
    positions,
  })
}

/** A low-rank branch with its matrices as initializers. */
function constantBranch(
  tape: Tape,
  name: string,
  { rows, columns }: { readonly rows: number; readonly columns: number },
  shape: LowRankShape | undefined,
  contentOf: ContentOf,
): LowRankBranch | null {
  if (shape === undefined) return null
  const source = weightsAsInitializers(tape, name, contentOf)
  return {
    down: source('loraA', 'float32', [shape.rank, columns]),
    up: source('loraB', 'float32', [rows, shape.rank]),
    scale: shape.scale,
  }
}

/** A norm's weight or bias as an initializer. */
function vector(tape: Tape, name: string, length: number, contentOf: ContentOf): Value {
  return tape.initializer({ name, type: 'float32', shape: [length], content: contentOf(name) })
}
