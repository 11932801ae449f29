import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTokenizer } from '../../core/data/tokenizer/create-tokenizer.js'
import { writeSafetensors } from '../../core/formats/safetensors/write-safetensors.js'
import { floatToHalf } from '../../core/quantization/half-float.js'
import { randomNumbers } from './random-numbers.js'
import { tinyTokenizer } from './tiny-tokenizer.js'

/** How numbers are made: random ones in center ± magnitude, random words, one word for all of them, or the numbers themselves. */
type MadeNumbers =
  | readonly [
      dtype: string,
      shape: readonly number[],
      kind: 'values',
      seed: number,
      center: number,
      magnitude: number,
    ]
  | readonly [dtype: string, shape: readonly number[], kind: 'words', seed: number]
  | readonly [dtype: string, shape: readonly number[], kind: 'word', word: number]
  | readonly [dtype: string, shape: readonly number[], kind: 'numbers', numbers: readonly number[]]

/** A tiny packed Llama. Written by tools/packed-models/golden.py. */
export interface PackedModel {
  /** config.json. */
  readonly config: Readonly<Record<string, unknown>>
  readonly tensors: Readonly<Record<string, MadeNumbers>>
  /** Some weights of each linear, with row and column in Hugging Face's order. */
  readonly samples: Readonly<
    Record<string, readonly (readonly [row: number, column: number, value: number])[]>
  >
  readonly tokens: readonly number[]
  /** Positions of `tokens` whose logits are given. */
  readonly positions: readonly number[]
  readonly logits: readonly (readonly number[])[]
}

const folder = join(import.meta.dirname, '..', 'golden', 'packed')

/** The packed models by name. */
export function packedModels(): [string, PackedModel][] {
  return readdirSync(folder).map((file) => {
    const model = JSON.parse(readFileSync(join(folder, file), 'utf8')) as PackedModel
    return [file.replace('.json', ''), model]
  })
}

/** The packed model called `name`. */
export function packedModel(name: string): PackedModel {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as PackedModel
}

/** Writes a packed model as its quantizer does: config.json, tokenizer.json and safetensors. */
export function writePackedFolder({ config, tensors }: PackedModel, target: string): void {
  mkdirSync(target, { recursive: true })
  const outlines = Object.entries(tensors).map(([name, made]) => {
    const bytes = bytesOf(made)
    return { name, dtype: made[0], shape: made[1], byteLength: bytes.byteLength, bytes }
  })
  writeSafetensors(join(target, 'model.safetensors'), outlines, ({ bytes }) => bytes)
  const files = {
    'config.json': config,
    'tokenizer.json': createTokenizer(new Map(tinyTokenizer(64)), 'packed').toJson(),
    'tokenizer_config.json': { bos_token: '<|im_start|>', eos_token: '<|im_end|>', add_bos_token: false },
  }
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(target, name), JSON.stringify(content))
  }
}

function bytesOf(made: MadeNumbers): Uint8Array {
  const [dtype, shape, kind] = made
  const count = shape.reduce((product, length) => product * length, 1)
  if (kind === 'values') {
    const [, , , seed, center, magnitude] = made
    const random = randomNumbers(seed)
    const values = Float32Array.from({ length: count }, () => center + magnitude * random.symmetric())
    return new Uint8Array(dtype === 'F16' ? Uint16Array.from(values, floatToHalf).buffer : values.buffer)
  }
  if (kind === 'numbers') return new Uint8Array(Int32Array.from(made[3]).buffer)
  if (kind === 'word') return new Uint8Array(new Uint32Array(count).fill(made[3]).buffer)
  const random = randomNumbers(made[3])
  return new Uint8Array(Uint32Array.from({ length: count }, () => random.below(2 ** 32)).buffer)
}
