import { writeFileSync } from 'node:fs'
import {
  formatHeader,
  paddingBytes,
  type GgufContent,
  type TensorOutline,
} from '../../core/formats/gguf/format-header.js'
import type { GgufValue } from '../../core/formats/gguf/gguf-file.js'
import { tensorType, type ReadableType } from '../../core/formats/gguf/tensor-types.js'
import { linearNames, type LinearName } from '../../core/model/description.js'
import { randomNumbers } from './random-numbers.js'
import { randomTensorBytes } from './random-tensor.js'
import { tinyTokenizer } from './tiny-tokenizer.js'

/** What a tiny llama model looks like. Widths are multiples of 32 where their matrix is quantized. */
export interface TinyModel {
  readonly seed: number
  readonly layers: number
  readonly width: number
  readonly heads: number
  readonly kvHeads: number
  readonly headWidth: number
  readonly feedForward: number
  readonly vocabulary: number
  readonly contextLength: number
  /** Type of the linears. */
  readonly type: ReadableType
  readonly embeddingType: ReadableType
  /** Null where the output is tied to the embedding. */
  readonly outputType: ReadableType | null
  readonly normType: 'F32' | 'F16' | 'BF16'
  readonly biases: readonly LinearName[]
  readonly hasRopeFactors: boolean
  /** Written over, or beside, the metadata that the model has anyway; undefined takes an entry away. */
  readonly metadata: Readonly<Record<string, GgufValue | undefined>>
}

const plain: TinyModel = {
  seed: 1,
  layers: 2,
  width: 64,
  heads: 4,
  kvHeads: 2,
  headWidth: 16,
  feedForward: 96,
  vocabulary: 64,
  contextLength: 128,
  type: 'Q4_1',
  embeddingType: 'Q8_0',
  outputType: null,
  normType: 'F32',
  biases: [],
  hasRopeFactors: false,
  metadata: {},
}

type TensorPlan = Omit<TensorOutline, 'type'> & {
  readonly type: ReadableType
  readonly magnitude: number
  readonly center: number
}

/** Bytes of a GGUF file with a random model, the same for equal options. */
export function tinyGguf(options: Partial<TinyModel> = {}): Uint8Array {
  const model = { ...plain, ...options }
  const random = randomNumbers(model.seed)
  const tensors = planTensors(model)
  return assembleGguf({ version: 3, alignment: 32, metadata: metadataOf(model), tensors }, (tensor) =>
    randomTensorBytes(random, tensor.type, product(tensor.shape), tensor),
  )
}

/** Writes `tinyGguf` to a file. */
export function writeTinyGguf(path: string, options: Partial<TinyModel> = {}): void {
  writeFileSync(path, tinyGguf(options))
}

/** A whole GGUF file in memory. */
export function assembleGguf<T extends TensorOutline>(
  content: GgufContent<T>,
  tensorBytes: (tensor: T) => Uint8Array,
): Uint8Array {
  const parts = [formatHeader(content).header]
  for (const tensor of content.tensors.values()) {
    parts.push(tensorBytes(tensor), new Uint8Array(paddingBytes(tensor.byteLength, content.alignment)))
  }
  return Uint8Array.from(Buffer.concat(parts))
}

function planTensors(model: TinyModel): Map<string, TensorPlan> {
  const { width, vocabulary } = model
  const attention = model.heads * model.headWidth
  const keyValue = model.kvHeads * model.headWidth
  const shapes: Record<LinearName, readonly [number, number]> = {
    attn_q: [attention, width],
    attn_k: [keyValue, width],
    attn_v: [keyValue, width],
    attn_output: [width, attention],
    ffn_gate: [model.feedForward, width],
    ffn_up: [model.feedForward, width],
    ffn_down: [width, model.feedForward],
  }
  const plans = [matrixPlan('token_embd.weight', model.embeddingType, [vocabulary, width])]
  if (model.hasRopeFactors) plans.push(vectorPlan('rope_freqs.weight', 'F32', model.headWidth / 2, 2))
  for (let layer = 0; layer < model.layers; layer++) {
    for (const norm of ['attn_norm', 'ffn_norm']) {
      plans.push(vectorPlan(`blk.${layer}.${norm}.weight`, model.normType, width, 1))
    }
    for (const linear of linearNames) {
      plans.push(matrixPlan(`blk.${layer}.${linear}.weight`, model.type, shapes[linear]))
      if (!model.biases.includes(linear)) continue
      plans.push(vectorPlan(`blk.${layer}.${linear}.bias`, 'F32', shapes[linear][0], 0))
    }
  }
  plans.push(vectorPlan('output_norm.weight', model.normType, width, 1))
  if (model.outputType) plans.push(matrixPlan('output.weight', model.outputType, [vocabulary, width]))
  return new Map(plans.map((plan) => [plan.name, plan]))
}

/** Values have a variance near 1 / columns, so that products keep the size of their inputs. */
function matrixPlan(name: string, type: ReadableType, shape: readonly [number, number]): TensorPlan {
  return { ...sized(name, type, shape), magnitude: Math.sqrt(3 / shape[1]), center: 0 }
}

function vectorPlan(name: string, type: ReadableType, length: number, center: number): TensorPlan {
  return { ...sized(name, type, [length]), magnitude: 0.2, center }
}

function sized<T extends string>(
  name: string,
  type: T,
  shape: readonly number[],
): Omit<TensorOutline, 'type'> & { readonly type: T } {
  const { blockLength, blockBytes } = tensorType(type) ?? { blockLength: 1, blockBytes: 1 }
  return { name, type, shape, byteLength: (product(shape) / blockLength) * blockBytes }
}

function product(shape: readonly number[]): number {
  return shape.reduce((total, length) => total * length, 1)
}

function metadataOf(model: TinyModel): Map<string, GgufValue> {
  const uint32 = (value: number): GgufValue => ({ type: 'uint32', value })
  const entries: [string, GgufValue][] = [
    ['general.architecture', { type: 'string', value: 'llama' }],
    ['general.name', { type: 'string', value: 'Tiny' }],
    ['general.license', { type: 'string', value: 'apache-2.0' }],
    ['llama.block_count', uint32(model.layers)],
    ['llama.context_length', uint32(model.contextLength)],
    ['llama.embedding_length', uint32(model.width)],
    ['llama.feed_forward_length', uint32(model.feedForward)],
    ['llama.attention.head_count', uint32(model.heads)],
    ['llama.attention.head_count_kv', uint32(model.kvHeads)],
    ['llama.attention.key_length', uint32(model.headWidth)],
    ['llama.attention.value_length', uint32(model.headWidth)],
    ['llama.attention.layer_norm_rms_epsilon', { type: 'float32', value: Math.fround(1e-5) }],
    ['llama.rope.freq_base', { type: 'float32', value: 10_000 }],
    ['llama.rope.dimension_count', uint32(model.headWidth)],
    ...tinyTokenizer(model.vocabulary),
  ]
  const all = new Map<string, GgufValue>(entries)
  for (const [key, value] of Object.entries(model.metadata)) {
    if (value) all.set(key, value)
    else all.delete(key)
  }
  return all
}
