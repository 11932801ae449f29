import type { LoadedModel } from '../../core/engine/loaded-model.js'
import type { AttentionShape } from '../../core/graph/operators/heads.js'
import type {
  LayerDescription,
  LinearName,
  ModelDescription,
  NormName,
  RopeDescription,
  VectorName,
} from '../../core/model/description.js'
import { dequantizeRow } from '../../core/quantization/dequantize-row.js'
import type { Matrix } from '../../core/quantization/matrix.js'

/** A factor on every output of a linear; null where there is none. */
export type RowFactorsOf = (layer: number, linear: LinearName) => ArrayLike<number> | null

/**
 * Logits after every token of one sequence, shape [tokens, vocabulary]: a model of any architecture as its papers write it,
 * in float64, with nothing batched, fused or cached. Slow, and meant to be read.
 */
export function referenceLogits(
  model: LoadedModel,
  tokens: readonly number[],
  rowFactorsOf: RowFactorsOf = () => null,
): Float64Array[] {
  const { description } = model
  let hidden: Float64Array[] = tokens.map((token) =>
    rowOf(model.embedding.whole(), token).map((value) => value * description.embeddingScale),
  )
  model.blocks.forEach((block, layer) => {
    const project = (x: Float64Array, name: LinearName): Float64Array => {
      const factors = rowFactorsOf(layer, name)
      const bias = block.vectors.get(`${name}.bias`)
      return product(block.linears[name], x).map(
        (value, row) => value * (factors?.[row] ?? 1) + (bias?.[row] ?? 0),
      )
    }
    const vectorOf: VectorOf = (name) => block.vectors.get(name)
    hidden = referenceBlock(description, description.layers[layer], vectorOf, hidden, project)
  })
  const head = referenceHead(model)
  return hidden.map(head)
}

/** The logits of a last hidden state. */
export function referenceHead({
  description,
  output,
  outputNorm,
}: Pick<LoadedModel, 'description' | 'output' | 'outputNorm'>): (state: Float64Array) => Float64Array {
  const { logitScale, logitSoftCap: cap } = description
  return (state) => {
    const normed = norm(description, state, outputNorm.weight, outputNorm.bias ?? undefined)
    const logits = product(output.whole(), normed).map((value) => value * logitScale)
    return cap === null ? logits : logits.map((logit) => cap * Math.tanh(logit / cap))
  }
}

/** The product of one token's x with the linear called `name`. */
export type Project = (x: Float64Array, name: LinearName) => Float64Array

/** A norm's weight or bias. */
export type VectorOf = (name: VectorName) => ArrayLike<number> | undefined

/** The hidden states of one sequence after a block, in float64, with all products taken by `project`. */
export function referenceBlock(
  model: ModelDescription,
  layer: LayerDescription,
  vectorOf: VectorOf,
  hidden: readonly Float64Array[],
  project: Project,
): Float64Array[] {
  const normed = (x: Float64Array, name: NormName): Float64Array =>
    model.norms.includes(name) ? norm(model, x, vectorOf(name), vectorOf(`${name}.bias`)) : x
  /** Head by head, or all heads of the token together. */
  const headsNormed = (x: Float64Array, name: NormName): Float64Array => {
    if (!model.norms.includes(name) || model.queryKeyNorm === 'token') return normed(x, name)
    const heads = Array.from({ length: x.length / model.headWidth }, (_, head) =>
      normed(headOf(x, head, model.headWidth), name),
    )
    return Float64Array.from(heads.flatMap((head) => [...head]))
  }
  const projected: Project = (x, name) => {
    if (name === 'attn_q') return headsNormed(project(x, name), 'attn_q_norm')
    return name === 'attn_k' ? headsNormed(project(x, name), 'attn_k_norm') : project(x, name)
  }
  const opened = (gate: number): number => (model.activation === 'silu' ? silu(gate) : gelu(gate))
  const entering = hidden.map((x) => normed(x, 'attn_norm'))
  const attended = referenceAttention({ ...model, ...layer }, entering, projected)
  return hidden.map((x, position) => {
    const attention = normed(project(attended[position], 'attn_output'), 'post_attention_norm')
    const middle = added(x, attention, model.residualScale)
    const y = normed(middle, 'ffn_norm')
    const up = project(y, 'ffn_up')
    const gated = project(y, 'ffn_gate').map((gate, i) => opened(gate) * up[i])
    return added(middle, normed(project(gated, 'ffn_down'), 'post_ffw_norm'), model.residualScale)
  })
}

/** What attention depends on, with how it rotates. */
export type ReferenceAttention = Omit<AttentionShape, 'rope'> & Pick<LayerDescription, 'rope'>

/**
 * Every head attends to its own and earlier positions, all or as many as the window has; several query heads share a key and
 * value head.
 */
export function referenceAttention(
  description: ReferenceAttention,
  normed: readonly Float64Array[],
  project: Project,
): Float64Array[] {
  const {
    headCount,
    kvHeadCount,
    headWidth,
    rope,
    window,
    attentionScale,
    attentionSoftCap: cap,
  } = description
  const rotated = (name: LinearName) =>
    normed.map((x, position) => {
      const projected = project(x, name)
      return rope === null ? projected : rotate(rope, headWidth, projected, position, normed.length)
    })
  const queries = rotated('attn_q')
  const keys = rotated('attn_k')
  const values = normed.map((x) => project(x, 'attn_v'))
  return normed.map((_, position) => {
    const output = new Float64Array(headCount * headWidth)
    for (let head = 0; head < headCount; head++) {
      const shared = Math.floor(head / (headCount / kvHeadCount))
      const query = headOf(queries[position], head, headWidth)
      const first = window === null ? 0 : Math.max(0, position + 1 - window)
      const scores = keys
        .slice(first, position + 1)
        .map((key) => dot(query, headOf(key, shared, headWidth)) * attentionScale)
        .map((score) => (cap === null ? score : cap * Math.tanh(score / cap)))
      softmax(scores).forEach((weight, index) => {
        const value = headOf(values[first + index], shared, headWidth)
        value.forEach((each, i) => (output[head * headWidth + i] += weight * each))
      })
    }
    return output
  })
}

/** Turns each pair of a head's first dimensions by its own angle: neighbours, or dimensions half of them apart. */
function rotate(
  rope: RopeDescription,
  headWidth: number,
  x: Float64Array,
  position: number,
  length: number,
): Float64Array {
  const { longFactors: long, magnitude } = rope
  const factors = long !== null && length > long.above ? long.factors : rope.frequencyFactors
  const rotated = x.slice()
  const pairs = rope.dimensions / 2
  for (let head = 0; head < x.length; head += headWidth) {
    for (let pair = 0; pair < pairs; pair++) {
      const [first, second] =
        rope.layout === 'interleaved'
          ? [head + 2 * pair, head + 2 * pair + 1]
          : [head + pair, head + pair + pairs]
      const frequency = rope.base ** ((-2 * pair) / rope.dimensions) / (factors?.[pair] ?? 1)
      const angle = (position / rope.positionScale) * frequency
      rotated[first] = magnitude * (x[first] * Math.cos(angle) - x[second] * Math.sin(angle))
      rotated[second] = magnitude * (x[first] * Math.sin(angle) + x[second] * Math.cos(angle))
    }
  }
  return rotated
}

function norm(
  { normKind, normEpsilon }: Pick<ModelDescription, 'normKind' | 'normEpsilon'>,
  x: Float64Array,
  weight: ArrayLike<number> = [],
  bias: ArrayLike<number> = [],
): Float64Array {
  const mean = normKind === 'rms' ? 0 : x.reduce((sum, value) => sum + value, 0) / x.length
  const centered = x.map((value) => value - mean)
  const scale = 1 / Math.sqrt(dot(centered, centered) / x.length + normEpsilon)
  return centered.map((value, i) => value * scale * weight[i] + (normKind === 'rms' ? 0 : bias[i]))
}

function silu(x: number): number {
  return x / (1 + Math.exp(-x))
}

function gelu(x: number): number {
  return (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
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

function added(x: Float64Array, y: Float64Array, factor: number): Float64Array {
  return x.map((value, i) => value + factor * y[i])
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
