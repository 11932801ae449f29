import { expect, it } from 'vitest'
import { bytesSource } from '../../../core/formats/byte-source.js'
import { readSafetensors } from '../../../core/formats/safetensors/read-safetensors.js'
import { formatHeader } from '../../../core/formats/safetensors/write-safetensors.js'
import { describeFolder, metadataOfConfig } from '../../../core/model/hugging-face/model-config.js'
import { tokenizerMetadata } from '../../../core/model/hugging-face/tokenizer-metadata.js'
import { damagedOutcomes, type DamagedReader } from '../../support/damaged-outcomes.js'

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

const readers: readonly DamagedReader[] = [
  { copies: 5_000, whole: weights, read: (bytes) => readSafetensors(bytesSource(bytes, 'fuzz.safetensors')) },
  {
    copies: 2_500,
    whole: new TextEncoder().encode(JSON.stringify(config)),
    read: (bytes) => metadataOfConfig(describeFolder('config.json', parsed(bytes))),
  },
  {
    copies: 2_500,
    whole: new TextEncoder().encode(JSON.stringify(tokenizer)),
    read: (bytes) =>
      tokenizerMetadata({ path: 'tokenizer.json', tokenizer: parsed(bytes), config: {}, vocabularySize: 8 }),
  },
]

it('answers 10,000 damaged folders with an EngineError or their content', { timeout: 60_000 }, () => {
  const outcomes = damagedOutcomes(readers, { seed: 2_000, headerBytes: header.byteLength })
  expect([...outcomes.keys()].toSorted()).toEqual(['model-malformed', 'model-unsupported', 'whole'])
  expect(Math.min(...outcomes.values())).toBeGreaterThan(9)
})
