import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTokenizer } from '../../core/data/tokenizer/create-tokenizer.js'
import type { TensorOutline } from '../../core/formats/gguf/format-header.js'
import type { GgufValue } from '../../core/formats/gguf/gguf-file.js'
import { tensorType, type ReadableType } from '../../core/formats/gguf/tensor-types.js'
import { writeSafetensors } from '../../core/formats/safetensors/write-safetensors.js'
import { randomNumbers } from './random-numbers.js'
import { randomTensorBytes } from './random-tensor.js'
import { assembleGguf } from './tiny-gguf.js'
import { tinyTokenizer } from './tiny-tokenizer.js'

/** Shape, seed, center and magnitude of random numbers, and the name in Hugging Face's form. */
type RandomTensor = readonly [readonly number[], number, number, number, string]

/** How a tensor is made: random numbers in center ± magnitude, or the numbers themselves. */
type GoldenTensor = readonly number[] | RandomTensor

/** A tiny model of transformers, and what that gives for it. Written by tools/architectures/golden.py. */
export interface GoldenModel {
  readonly architecture: string
  /** config.json. */
  readonly config: Readonly<Record<string, unknown>>
  /** Whether GGUF has the rows of queries and keys in another order than Hugging Face. */
  readonly isPermuted: boolean
  /** Whether Hugging Face's form keeps the weights of norms as their distance from 1. */
  readonly normsFromOne: boolean
  readonly metadata: Readonly<Record<string, string | number>>
  readonly tensors: Readonly<Record<string, GoldenTensor>>
  readonly tokens: readonly number[]
  /** Positions of `tokens` whose logits are given. */
  readonly positions: readonly number[]
  readonly logits: readonly (readonly number[])[]
  /** Mean cross entropy of every token but the first. */
  readonly loss: number
  /** Of the loss at inputs of block 0's graph. */
  readonly gradients: Readonly<Record<string, readonly number[]>>
}

const folder = join(import.meta.dirname, '..', 'golden', 'architectures')

/** The golden models by name. */
export function goldenModels(): [string, GoldenModel][] {
  return readdirSync(folder).map((file) => {
    const model = JSON.parse(readFileSync(join(folder, file), 'utf8')) as GoldenModel
    return [file.replace('.json', ''), model]
  })
}

type PlannedTensor = TensorOutline & { readonly type: ReadableType; readonly golden: GoldenTensor }

/**
 * The bytes of a GGUF file with a golden model; floats are the numbers that transformers had.
 *
 * @param typeOf the type of a matrix, F32 unless said; others get random codes of their own
 */
export function goldenGguf(
  model: GoldenModel,
  typeOf: (name: string) => ReadableType = () => 'F32',
): Uint8Array {
  const tensors = Object.entries(model.tensors).map(([name, golden]): PlannedTensor => {
    const shape = isRandom(golden) ? golden[0] : [golden.length]
    const type = shape.length === 2 ? typeOf(name) : 'F32'
    const { blockLength = 1, blockBytes = 1 } = tensorType(type) ?? {}
    const count = shape.reduce((product, length) => product * length, 1)
    return { name, type, shape, byteLength: (count / blockLength) * blockBytes, golden }
  })
  const content = {
    version: 3 as const,
    alignment: 32,
    metadata: metadataOf(model),
    tensors: new Map(tensors.map((tensor) => [tensor.name, tensor])),
  }
  return assembleGguf(content, ({ type, shape, golden }) => {
    if (!isRandom(golden)) return new Uint8Array(Float32Array.from(golden).buffer)
    const [, seed, center, magnitude] = golden
    const count = shape.reduce((product, length) => product * length, 1)
    return randomTensorBytes(randomNumbers(seed), type, count, { center, magnitude })
  })
}

/** Writes a golden model as transformers does: config.json, tokenizer.json and float32 safetensors. */
export function writeGoldenFolder(model: GoldenModel, folder: string): void {
  mkdirSync(folder, { recursive: true })
  const tensors = Object.entries(model.tensors).flatMap(([name, golden]) => {
    if (!isRandom(golden)) return []
    const [shape, seed, center, magnitude, folderName] = golden
    const count = shape.reduce((product, length) => product * length, 1)
    const bytes = randomTensorBytes(randomNumbers(seed), 'F32', count, { center, magnitude })
    const values = inFolderOrder(model, name, shape, Float32Array.from(new Float32Array(bytes.buffer)))
    return [{ name: folderName, dtype: 'F32', shape, byteLength: 4 * count, values }]
  })
  writeSafetensors(join(folder, 'model.safetensors'), tensors, ({ values }) => new Uint8Array(values.buffer))
  const tokenizer = createTokenizer(new Map(tinyTokenizer(64)), 'golden')
  const files = {
    'config.json': model.config,
    'tokenizer.json': tokenizer.toJson(),
    'tokenizer_config.json': { bos_token: '<|im_start|>', eos_token: '<|im_end|>', add_bos_token: false },
  }
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), JSON.stringify(content))
}

const headWidth = 16

/** A head's halves instead of its neighbours, and norms as their distance from 1. */
function inFolderOrder(
  { isPermuted, normsFromOne }: GoldenModel,
  name: string,
  [rows, columns = 1]: readonly number[],
  values: Float32Array<ArrayBuffer>,
): Float32Array<ArrayBuffer> {
  if (normsFromOne && name.endsWith('norm.weight')) return values.map((value) => value - 1)
  if (!isPermuted || !/attn_[qk]\./.test(name)) return values
  const ordered = new Float32Array(values.length)
  for (let row = 0; row < rows; row++) {
    const within = row % headWidth
    const half = headWidth / 2
    const from = row - within + (within < half ? 2 * within : 2 * (within - half) + 1)
    ordered.set(values.subarray(from * columns, (from + 1) * columns), row * columns)
  }
  return ordered
}

function isRandom(golden: GoldenTensor): golden is RandomTensor {
  return Array.isArray(golden[0])
}

function metadataOf(model: GoldenModel): Map<string, GgufValue> {
  const values = Object.entries(model.metadata).map(([key, value]): [string, GgufValue] => {
    if (typeof value === 'string') return [key, { type: 'string', value }]
    return [
      key,
      isCount(key, value) ? { type: 'uint32', value } : { type: 'float32', value: Math.fround(value) },
    ]
  })
  return new Map<string, GgufValue>([
    ['general.architecture', { type: 'string', value: model.architecture }],
    ['general.name', { type: 'string', value: 'Tiny' }],
    ...values,
    ...tinyTokenizer(64),
  ])
}

/** llama.cpp asks for the exact type of a value. */
function isCount(key: string, value: number): boolean {
  const isFraction = /(scale|factor|base|softcapping|epsilon)/.test(key)
  return Number.isInteger(value) && !isFraction
}
