import { expect, it } from 'vitest'
import { bytesSource } from '../../../core/formats/byte-source.js'
import { readSafetensors } from '../../../core/formats/safetensors/read-safetensors.js'
import { formatHeader } from '../../../core/formats/safetensors/write-safetensors.js'
import { describeFolder, metadataOfConfig } from '../../../core/model/hugging-face/model-config.js'
import { tokenizerMetadata } from '../../../core/model/hugging-face/tokenizer-metadata.js'
import { EngineError } from '../../../core/schema/engine-error.js'
import { mutateBytes } from '../../support/mutate-bytes.js'
import { randomNumbers } from '../../support/random-numbers.js'

const tensors = [
  { name: 'model.embed_tokens.weight', dtype: 'F16', shape: [8, 4], byteLength: 64 },
  { name: 'model.norm.weight', dtype: 'F32', shape: [4], byteLength: 16 },
  { name: 'model.layers.0.self_attn.q_proj.weight', dtype: 'BF16', shape: [4, 4], byteLength: 32 },
]
const header = formatHeader(tensors)
const weights = Uint8Array.from(Buffer.concat([header, new Uint8Array(112)]))

const config = {
  model_type: 'llama',
  hidden_size: 4,
  intermediate_size: 8,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-5,
  rope_scaling: { rope_type: 'linear', factor: 2 },
  vocab_size: 8,
}
const tokenizer = {
  model: { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges: ['a b'] },
  added_tokens: [{ id: 3, content: '<s>', special: true }],
  pre_tokenizer: { type: 'ByteLevel', use_regex: true },
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return null
  }
}

const readers: readonly { readonly whole: Uint8Array; readonly read: (bytes: Uint8Array) => unknown }[] = [
  { whole: weights, read: (bytes) => readSafetensors(bytesSource(bytes, 'fuzz.safetensors')) },
  {
    whole: new TextEncoder().encode(JSON.stringify(config)),
    read: (bytes) => metadataOfConfig(describeFolder('config.json', parsed(bytes))),
  },
  {
    whole: new TextEncoder().encode(JSON.stringify(tokenizer)),
    read: (bytes) =>
      tokenizerMetadata({ path: 'tokenizer.json', tokenizer: parsed(bytes), config: {}, vocabularySize: 8 }),
  },
]
const filesPerReader = [5_000, 2_500, 2_500]

it('answers 10,000 damaged folders with an EngineError or their content', { timeout: 60_000 }, () => {
  const outcomes = new Map<string, number>()
  readers.forEach(({ whole, read }, index) => {
    expect(() => read(whole)).not.toThrow()
    const random = randomNumbers(2_000 + index)
    for (let count = 0; count < filesPerReader[index]; count++) {
      const damaged = mutateBytes(random, whole, Math.min(whole.byteLength, header.byteLength), [0, 8])
      let outcome = 'whole'
      try {
        read(damaged)
      } catch (thrown) {
        if (!(thrown instanceof EngineError)) throw thrown
        outcome = (thrown as EngineError).code
      }
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
  })
  expect([...outcomes.keys()].toSorted()).toEqual(['model-malformed', 'model-unsupported', 'whole'])
  expect(Math.min(...outcomes.values())).toBeGreaterThan(9)
})
