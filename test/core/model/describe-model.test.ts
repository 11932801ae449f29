import { describe, expect, it } from 'vitest'
import { bytesSource } from '../../../core/formats/byte-source.js'
import type { GgufTensor, GgufValue } from '../../../core/formats/gguf/gguf-file.js'
import { readGguf } from '../../../core/formats/gguf/read-gguf.js'
import { describeModel } from '../../../core/model/describe-model.js'
import type { ModelDescription } from '../../../core/model/description.js'
import type { EngineError } from '../../../core/schema/engine-error.js'
import { caughtError } from '../../support/caught-error.js'
import { plainArchitecture, plainRope } from '../../support/plain-description.js'
import { tinyGguf, type TinyModel } from '../../support/tiny-gguf.js'

type Metadata = TinyModel['metadata']

const uint32 = (value: number): GgufValue => ({ type: 'uint32', value })
const float32 = (value: number): GgufValue => ({ type: 'float32', value })
const text = (value: string): GgufValue => ({ type: 'string', value })
const layers = (...items: number[]): GgufValue => ({ type: 'array', value: { itemType: 'int32', items } })

function describeTiny(options: Partial<TinyModel> = {}): ModelDescription {
  const source = bytesSource(tinyGguf(options), 'tiny.gguf')
  return describeModel(readGguf(source), source)
}

/** The failure of a tiny model whose list of tensors was changed after reading. */
function failureWith(change: (tensors: Map<string, GgufTensor>) => void, options: Partial<TinyModel> = {}) {
  const source = bytesSource(tinyGguf(options), 'tiny.gguf')
  const file = readGguf(source)
  const tensors = new Map(file.tensors)
  change(tensors)
  return caughtError(() => describeModel({ ...file, tensors }, source))
}

function failureOf(metadata: Metadata): EngineError {
  return caughtError(() => describeTiny({ metadata }))
}

it('reads the sizes of a llama model', () => {
  expect(describeTiny()).toEqual({
    ...plainArchitecture,
    name: 'Tiny',
    layerCount: 2,
    width: 64,
    headCount: 4,
    kvHeadCount: 2,
    headWidth: 16,
    feedForwardWidth: 96,
    vocabularySize: 64,
    contextLength: 128,
    normEpsilon: Math.fround(1e-5),
    attentionScale: 1 / 4,
    rope: plainRope(16),
    layers: Array.from({ length: 2 }, () => ({ window: null, rope: plainRope(16) })),
    isOutputTied: true,
    biases: [],
  })
})

it('finds an output matrix of its own, biases, and heads wider than their share', () => {
  const model = describeTiny({ outputType: 'Q8_0', biases: ['attn_q', 'ffn_up'], headWidth: 32 })
  expect(model).toMatchObject({ isOutputTied: false, biases: ['attn_q', 'ffn_up'], headWidth: 32 })
})

it('takes what llama.cpp takes where metadata is missing', () => {
  const metadata = Object.fromEntries(
    ['attention.key_length', 'attention.value_length', 'rope.freq_base', 'rope.dimension_count'].map(
      (key) => [`llama.${key}`, undefined],
    ),
  )
  expect(describeTiny({ metadata })).toEqual(describeTiny())
  const missing = { ...metadata, 'llama.attention.head_count_kv': undefined }
  expect(describeTiny({ kvHeads: 4, metadata: missing }).kvHeadCount).toBe(4)
})

it('takes counts that are given once for each layer, or as other integers', () => {
  const metadata: Metadata = {
    'llama.attention.head_count_kv': layers(2, 2),
    'llama.feed_forward_length': layers(96, 96),
    'llama.block_count': { type: 'uint64', value: 2n },
  }
  expect(describeTiny({ metadata })).toEqual(describeTiny())
})

describe('rope scaling', () => {
  it.each<[string, Metadata, number]>([
    [
      'by 1 where there is none',
      { 'llama.rope.scaling.type': text('none'), 'llama.rope.scaling.factor': float32(4) },
      1,
    ],
    ['linear', { 'llama.rope.scaling.type': text('linear'), 'llama.rope.scaling.factor': float32(4) }, 4],
    ['linear without naming it', { 'llama.rope.scaling.factor': float32(4) }, 4],
    ['linear by the old key', { 'llama.rope.scale_linear': float32(2) }, 2],
    ['of 0, which means none', { 'llama.rope.scaling.factor': float32(0) }, 1],
  ])('is %s', (_, metadata, positionScale) => {
    expect(describeTiny({ metadata }).rope.positionScale).toBe(positionScale)
  })

  it('of YaRN slows the pairs that turn slowly, and has a magnitude', () => {
    const metadata: Metadata = {
      'llama.rope.scaling.type': text('yarn'),
      'llama.rope.scaling.factor': float32(4),
      'llama.rope.scaling.original_context_length': uint32(32),
    }
    const { positionScale, frequencyFactors, magnitude } = describeTiny({ metadata }).rope
    expect(positionScale).toBe(1)
    expect(frequencyFactors?.at(0)).toBe(1)
    expect(frequencyFactors?.at(-1)).toBe(4)
    expect(magnitude).toBeCloseTo(0.1 * Math.log(4) + 1, 12)
    const missing = { ...metadata, 'llama.rope.scaling.original_context_length': undefined }
    expect(failureOf(missing).details).toMatchObject({
      where: "metadata 'llama.rope.scaling.original_context_length'",
    })
  })

  it('has the magnitude that the file names', () => {
    const metadata: Metadata = { 'llama.rope.scaling.attn_factor': float32(1.25) }
    expect(describeTiny({ metadata }).rope.magnitude).toBe(1.25)
  })

  it('of Llama 3 divides each frequency by its factor', () => {
    const factors = describeTiny({ hasRopeFactors: true }).rope.frequencyFactors
    expect(factors).toHaveLength(8)
    expect(factors?.every((factor) => factor >= 1.8 && factor <= 2.2)).toBe(true)
  })
})

describe('a feature that is not supported is named', () => {
  it.each<[string, Metadata]>([
    ["the architecture 'mamba'", { 'general.architecture': text('mamba') }],
    ["rope scaling 'dynamic'", { 'llama.rope.scaling.type': text('dynamic') }],
    ['rotation of 7 of 16 dimensions of a head', { 'llama.rope.dimension_count': uint32(7) }],
    ['rotation of 18 of 16 dimensions of a head', { 'llama.rope.dimension_count': uint32(18) }],
    ['a window of 8 positions', { 'llama.attention.sliding_window': uint32(8) }],
    ['parts of a block beside each other', { 'llama.use_parallel_residual': { type: 'bool', value: true } }],
    ['a mixture of experts', { 'llama.expert_count': uint32(8) }],
    ['attention to later tokens', { 'llama.attention.causal': { type: 'bool', value: false } }],
    ['keys of width 16 with values of 8', { 'llama.attention.value_length': uint32(8) }],
    ['several files', { 'split.count': { type: 'uint16', value: 2 } }],
    [
      "'llama.attention.head_count_kv' that differs between layers",
      { 'llama.attention.head_count_kv': layers(1, 2) },
    ],
  ])('%s', (feature, metadata) => {
    const error = failureOf(metadata)
    expect(error.code).toBe('model-unsupported')
    expect(error.details).toEqual({ path: 'tiny.gguf', feature })
    expect(error.message).toMatch('; supported is ')
  })

  it('as the type of a tensor, with the types that are', () => {
    const error = failureWith((tensors) => changeTensor(tensors, 'blk.1.ffn_up.weight', { type: 'IQ2_XS' }))
    expect(error.details).toEqual({
      path: 'tiny.gguf',
      feature: "tensor type IQ2_XS (in 'blk.1.ffn_up.weight')",
    })
    expect(error.message).toMatch('IQ4_NL, IQ4_XS, F16, BF16, F32')
  })

  it('as a tensor too large for one array', () => {
    const error = failureWith((tensors) =>
      changeTensor(tensors, 'token_embd.weight', { byteLength: 2 ** 31 + 1 }),
    )
    expect(error.message).toMatch("2147483649 bytes in 'token_embd.weight'; supported is up to 2147483648")
  })

  it('as a tensor that would be left out of the computation', () => {
    const extra = (tensors: Map<string, GgufTensor>): void => {
      const name = 'blk.0.attn_q_norm.weight'
      tensors.set(name, { name, type: 'F32', shape: [16], offset: 0, byteLength: 64 })
    }
    expect(failureWith(extra).message).toMatch("a tensor 'blk.0.attn_q_norm.weight'")
  })
})

describe('metadata that makes no sense is refused, saying what was expected', () => {
  it.each([
    ['general.architecture', undefined, 'expected text, found nothing'],
    ['general.architecture', uint32(1), 'expected text, found uint32 1'],
    ['llama.block_count', undefined, 'found nothing'],
    ['llama.block_count', uint32(4_000_000_000), 'found uint32 4000000000'],
    ['llama.block_count', uint32(1_000_000), "fewer blocks than the file's 20 tensors"],
    ['llama.embedding_length', text('64'), "found the text '64'"],
    ['llama.embedding_length', uint32(0), 'found uint32 0'],
    ['llama.attention.head_count_kv', uint32(3), 'expected a divisor of 4 heads'],
    ['llama.attention.head_count_kv', layers(0, 0), 'expected whole numbers from 1'],
    ['llama.context_length', float32(1.5), 'found float32 1.5'],
    ['llama.attention.layer_norm_rms_epsilon', float32(0), 'a positive number, found float32 0'],
    ['llama.attention.layer_norm_rms_epsilon', float32(Infinity), 'expected a finite number'],
    ['llama.rope.freq_base', float32(-1), 'a positive number'],
    ['llama.rope.scaling.factor', float32(-2), 'a positive number'],
    ['llama.rope.scale_linear', float32(-2), 'a positive number, found float32 -2'],
    ['tokenizer.ggml.tokens', layers(1, 2, 3), 'each of 64 embedding rows, found an array of 3 items'],
    ['llama.attention.causal', uint32(1), 'expected true or false'],
  ])('%s', (key, value, message) => {
    const error = failureOf({ [key]: value })
    expect(error.code).toBe('model-malformed')
    expect(error.details).toEqual({ path: 'tiny.gguf', where: `metadata '${key}'` })
    expect(error.message).toMatch(message)
  })

  it('with heads that do not divide the width', () => {
    const metadata = { 'llama.attention.head_count': uint32(5), 'llama.attention.key_length': undefined }
    expect(failureOf({ ...metadata, 'llama.attention.head_count_kv': uint32(5) }).message).toMatch(
      'a divisor',
    )
  })
})

function changeTensor(tensors: Map<string, GgufTensor>, name: string, change: Partial<GgufTensor>): void {
  const tensor = tensors.get(name)
  if (!tensor) throw new Error(`no tensor '${name}' to change`)
  tensors.set(name, { ...tensor, ...change })
}

describe('a wrong set of tensors is refused, naming the tensor', () => {
  it.each([
    'token_embd.weight',
    'output_norm.weight',
    'blk.0.attn_q.weight',
    'blk.1.ffn_down.weight',
    'blk.1.attn_norm.weight',
    'blk.0.ffn_norm.weight',
    'blk.0.attn_k.bias',
  ])('without %s', (name) => {
    const error = failureWith((tensors) => tensors.delete(name), { biases: ['attn_k'] })
    expect(error.code).toBe('model-malformed')
    expect(error.details).toEqual({ path: 'tiny.gguf', where: `tensor '${name}'` })
  })

  it.each([
    ['blk.0.attn_k.weight', [64, 64], 'expected shape [32, 64], found [64, 64]'],
    ['blk.0.ffn_norm.weight', [64, 1], 'expected shape [64], found [64, 1]'],
    ['output_norm.weight', [32], 'expected shape [64], found [32]'],
    ['output.weight', [32, 64], 'expected shape [64, 64], found [32, 64]'],
    ['rope_freqs.weight', [16], 'expected shape [8], found [16]'],
  ])('with another shape of %s', (name, shape, message) => {
    const change = (tensors: Map<string, GgufTensor>): void => changeTensor(tensors, name, { shape })
    const error = failureWith(change, { outputType: 'F16', hasRopeFactors: true })
    expect(error.code).toBe('model-malformed')
    expect(error.message).toMatch(`tensor '${name}': ${message}`)
  })
})
