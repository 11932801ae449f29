import type { LoadedModel } from '../../core/engine/loaded-model.js'
import type { AttentionShape } from '../../core/graph/operators/heads.js'
import type { LinearName, ModelDescription } from '../../core/model/description.js'
import { dequantizeRow } from '../../core/quantization/dequantize-row.js'
import type { Matrix } from '../../core/quantization/matrix.js'

/** A factor on every output of a linear; null where there is none. */
export type RowFactorsOf = (layer: number, linear: LinearName) => ArrayLike<number> | null

/**
 * Logits after every token of one sequence, shape [tokens, vocabulary]: the llama architecture as its paper writes it, in
 * float64, with nothing batched, fused or cached. Slow, and meant to be read.
 */
export function referenceLogits(
  model: LoadedModel,
  tokens: readonly number[],
  rowFactorsOf: RowFactorsOf = () => null,
): Float64Array[] {
  const { description } = model
  let hidden = tokens.map((token) => rowOf(model.embedding.whole(), token))
  model.blocks.forEach((block, layer) => {
    const project = (x: Float64Array, name: LinearName): Float64Array => {
      const factors = rowFactorsOf(layer, name)
      const bias = block.biases[name]
      return product(block.linears[name], x).map(
        (value, row) => value * (factors?.[row] ?? 1) + (bias?.[row] ?? 0),
      )
    }
    hidden = referenceBlock(description, block, hidden, project)
  })
  return hidden.map((x) =>
    product(model.output.whole(), rmsNorm(x, model.outputNorm, description.normEpsilon)),
  )
}

/** The product of one token's x with the linear called `name`. */
export type Project = (x: Float64Array, name: LinearName) => Float64Array

/** Weights of a block's norms. */
export interface BlockNorms {
  readonly attentionNorm: ArrayLike<number>
  readonly feedForwardNorm: ArrayLike<number>
}

/** The hidden states of one sequence after a block, in float64, with all products taken by `project`. */
export function referenceBlock(
  description: ModelDescription,
  block: BlockNorms,
  hidden: readonly Float64Array[],
  project: Project,
): Float64Array[] {
  const normed = hidden.map((x) => rmsNorm(x, block.attentionNorm, description.normEpsilon))
  const attended = referenceAttention(description, normed, project)
  return hidden.map((x, position) => {
    const middle = added(x, project(attended[position], 'attn_output'))
    const y = rmsNorm(middle, block.feedForwardNorm, description.normEpsilon)
    const up = project(y, 'ffn_up')
    const gated = project(y, 'ffn_gate').map((gate, i) => (gate / (1 + Math.exp(-gate))) * up[i])
    return added(middle, project(gated, 'ffn_down'))
  })
}

/** Every head attends to its own and all earlier positions; several query heads share a key and value head. */
export function referenceAttention(
  description: AttentionShape,
  normed: readonly Float64Array[],
  project: Project,
): Float64Array[] {
  const { headCount, kvHeadCount, headWidth } = description
  const rotated = (name: LinearName) =>
    normed.map((x, position) => rotate(description, project(x, name), position))
  const queries = rotated('attn_q')
  const keys = rotated('attn_k')
  const values = normed.map((x) => project(x, 'attn_v'))
  return normed.map((_, position) => {
    const output = new Float64Array(headCount * headWidth)
    for (let head = 0; head < headCount; head++) {
      const shared = Math.floor(head / (headCount / kvHeadCount))
      const query = headOf(queries[position], head, headWidth)
      const scores = keys
        .slice(0, position + 1)
        .map((key) => dot(query, headOf(key, shared, headWidth)) / Math.sqrt(headWidth))
      softmax(scores).forEach((weight, earlier) => {
        const value = headOf(values[earlier], shared, headWidth)
        value.forEach((each, i) => (output[head * headWidth + i] += weight * each))
      })
    }
    return output
  })
}

/** Turns each pair of a head's first dimensions by its own angle: neighbours, or dimensions half of them apart. */
function rotate({ rope, headWidth }: AttentionShape, x: Float64Array, position: number): Float64Array {
  const rotated = x.slice()
  const pairs = rope.dimensions / 2
  for (let head = 0; head < x.length; head += headWidth) {
    for (let pair = 0; pair < pairs; pair++) {
      const [first, second] =
        rope.layout === 'interleaved'
          ? [head + 2 * pair, head + 2 * pair + 1]
          : [head + pair, head + pair + pairs]
      const frequency = rope.base ** ((-2 * pair) / rope.dimensions) / (rope.frequencyFactors?.[pair] ?? 1)
      const angle = (position / rope.positionScale) * frequency
      rotated[first] = x[first] * Math.cos(angle) - x[second] * Math.sin(angle)
      rotated[second] = x[first] * Math.sin(angle) + x[second] * Math.cos(angle)
    }
  }
  return rotated
}

function rmsNorm(x: Float64Array, weight: ArrayLike<number>, epsilon: number): Float64Array {
  const scale = 1 / Math.sqrt(dot(x, x) / x.length + epsilon)
  return x.map((value, i) => value * scale * weight[i])
}

function product(matrix: Matrix, x: Float64Array): Float64Array {
  return Float64Array.from({ length: matrix.rows }, (_, row) => dot(rowOf(matrix, row), x))
}

function rowOf(matrix: Matrix, row: number): Float64Array {
  const values = new Float32Array(matrix.columns)
  dequantizeRow(matrix, row, values, 0)
  return Float64Array.from(values)
}

function headOf(x: Float64Array, head: number, headWidth: number): Float64Array {
  return x.subarray(head * headWidth, (head + 1) * headWidth)
}

function added(x: Float64Array, y: Float64Array): Float64Array {
  return x.map((value, i) => value + y[i])
}

function dot(x: Float64Array, y: Float64Array): number {
  return x.reduce((sum, value, i) => sum + value * y[i], 0)
}

function softmax(scores: readonly number[]): number[] {
  const maximum = Math.max(...scores)
  const weights = scores.map((score) => Math.exp(score - maximum))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => weight / total)
}
