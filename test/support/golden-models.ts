import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TensorOutline } from '../../core/formats/gguf/format-header.js'
import type { GgufValue } from '../../core/formats/gguf/gguf-file.js'
import { tensorType, type ReadableType } from '../../core/formats/gguf/tensor-types.js'
import { randomNumbers } from './random-numbers.js'
import { randomTensorBytes } from './random-tensor.js'
import { assembleGguf } from './tiny-gguf.js'
import { tinyTokenizer } from './tiny-tokenizer.js'

/** How a tensor is made: random numbers in center ± magnitude, or the numbers themselves. */
type GoldenTensor = readonly number[] | readonly [readonly number[], number, number, number]

/** A tiny model of transformers, and what that gives for it. Written by tools/architectures/golden.py. */
export interface GoldenModel {
  readonly architecture: string
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

function isRandom(golden: GoldenTensor): golden is readonly [readonly number[], number, number, number] {
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
