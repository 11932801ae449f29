/** Where a tensor of Hugging Face's form belongs in GGUF's. */
export interface MappedName {
  readonly name: string
  /** Whether its rows are those of heads that rotate, and of which. */
  readonly heads: 'queries' | 'keys' | null
}

const outside: ReadonlyMap<string, string> = new Map([
  ['model.embed_tokens', 'token_embd'],
  ['model.norm', 'output_norm'],
  ['lm_head', 'output'],
])

const inBlock: ReadonlyMap<string, string> = new Map([
  ['input_layernorm', 'attn_norm'],
  ['post_attention_layernorm', 'ffn_norm'],
  ['self_attn.q_proj', 'attn_q'],
  ['self_attn.k_proj', 'attn_k'],
  ['self_attn.v_proj', 'attn_v'],
  ['self_attn.o_proj', 'attn_output'],
  ['self_attn.q_norm', 'attn_q_norm'],
  ['self_attn.k_norm', 'attn_k_norm'],
  ['mlp.gate_proj', 'ffn_gate'],
  ['mlp.up_proj', 'ffn_up'],
  ['mlp.down_proj', 'ffn_down'],
  ['self_attn.qkv_proj', 'attn_qkv'],
  ['mlp.gate_up_proj', 'ffn_up'],
])

/** Of families with norms after attention and feed-forward part. */
const normsAfterParts: ReadonlyMap<string, string> = new Map([
  ['post_attention_layernorm', 'post_attention_norm'],
  ['pre_feedforward_layernorm', 'ffn_norm'],
  ['post_feedforward_layernorm', 'post_ffw_norm'],
])

/**
 * The name of a tensor in GGUF; null for one that has none there. `KIND` is weight or bias, or a part of a quantized weight.
 *
 * Source: llama.cpp, gguf-py/gguf/tensor_mapping.py.
 */
export function ggufName(name: string, hasNormsAfterParts = false): MappedName | null {
  const found = /^(.*)\.(weight|bias)$/.exec(name)
  if (found === null) return null
  const [, stem, kind] = found
  const known = outside.get(stem)
  if (known !== undefined) return { name: `${known}.${kind}`, heads: null }
  const block = /^model\.layers\.(\d{1,4})\.(.+)$/.exec(stem)
  const after = block === null || !hasNormsAfterParts ? undefined : normsAfterParts.get(block[2])
  const part = block === null ? undefined : (after ?? inBlock.get(block[2]))
  if (block === null || part === undefined) return null
  const heads = part === 'attn_q' ? 'queries' : part === 'attn_k' ? 'keys' : null
  return { name: `blk.${Number(block[1])}.${part}.${kind}`, heads }
}

/** The name in Hugging Face's form of a tensor in GGUF's: the inverse of `ggufName`. Null for one that has none there. */
export function folderName(name: string): string | null {
  const found = /^(?:blk\.(\d+)\.)?(\w+)\.(weight|bias)$/.exec(name)
  if (found === null) return null
  const [, layer, part, kind] = found as unknown as [string, string | undefined, string, string]
  const names = layer === undefined ? outside : inBlock
  const stem = [...names].find(([, known]) => known === part)?.[0]
  if (stem === undefined) return null
  return layer === undefined ? `${stem}.${kind}` : `model.layers.${layer}.${stem}.${kind}`
}

/**
 * The row of Hugging Face's form that is row `row` of GGUF's, where heads are kept so that neighbours rotate together: in each
 * head, rows i and i + width / 2 become rows 2i and 2i + 1.
 *
 * Source: llama.cpp, convert_hf_to_gguf.py, LlamaModel.permute.
 */
export function rowBeforePermutation(row: number, headWidth: number): number {
  const within = row % headWidth
  return row - within + (within >> 1) + (within & 1) * (headWidth / 2)
}

/** The row of GGUF's form that is row `row` of Hugging Face's: the inverse of `rowBeforePermutation`. */
export function rowAfterPermutation(row: number, headWidth: number): number {
  const within = row % headWidth
  const half = headWidth / 2
  return row - within + 2 * (within % half) + (within >= half ? 1 : 0)
}
