import type { Tokenizer } from '../../data/tokenizer/tokenizer.js'
import type { ModelDescription } from '../../model/description.js'

/** Every id that ends a text or a turn, the model's own EOS first. */
function endIds({ eosId, endIds }: Tokenizer): number[] {
  const others = [...endIds].filter((id) => id !== eosId)
  return eosId === null ? others : [eosId, ...others]
}

/** Ids as the configurations of other programs name them; what the model lacks is left out. */
function tokenIds(tokenizer: Tokenizer): Record<string, number | number[]> {
  const ends = endIds(tokenizer)
  const padId = tokenizer.padId ?? ends.at(0)
  return {
    ...(tokenizer.bosId !== null && { bos_token_id: tokenizer.bosId }),
    ...(ends.length > 0 && { eos_token_id: ends }),
    ...(padId !== undefined && { pad_token_id: padId }),
  }
}

/** `config.json` as Hugging Face transformers writes it, with what transformers.js has to know about the files. */
export function modelConfig(model: ModelDescription, tokenizer: Tokenizer): object {
  const { rope } = model
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_act: 'silu',
    hidden_size: model.width,
    intermediate_size: model.feedForwardWidth,
    num_hidden_layers: model.layerCount,
    num_attention_heads: model.headCount,
    num_key_value_heads: model.kvHeadCount,
    head_dim: model.headWidth,
    vocab_size: model.vocabularySize,
    max_position_embeddings: model.contextLength,
    rms_norm_eps: model.normEpsilon,
    rope_theta: rope.base,
    rope_scaling: rope.positionScale === 1 ? null : { rope_type: 'linear', factor: rope.positionScale },
    tie_word_embeddings: model.isOutputTied,
    attention_bias: model.biases.some((name) => name.startsWith('attn')),
    mlp_bias: model.biases.some((name) => name.startsWith('ffn')),
    use_cache: true,
    ...tokenIds(tokenizer),
    'transformers.js_config': { dtype: 'fp32', use_external_data_format: true },
  }
}

/** `generation_config.json`: where to stop, and the most likely token unless asked otherwise. */
export function generationConfig(model: ModelDescription, tokenizer: Tokenizer): object {
  return { ...tokenIds(tokenizer), do_sample: false, max_length: model.contextLength }
}

/** `genai_config.json` of onnxruntime-genai. Source: its 0.18 release, src/python/py/models/builders/base.py. */
export function genaiConfig(model: ModelDescription, tokenizer: Tokenizer, filename: string): object {
  return {
    model: {
      type: 'llama',
      context_length: model.contextLength,
      vocab_size: model.vocabularySize,
      ...tokenIds(tokenizer),
      decoder: {
        filename,
        session_options: { log_id: 'onnxruntime-genai', provider_options: [] },
        head_size: model.headWidth,
        hidden_size: model.width,
        num_attention_heads: model.headCount,
        num_hidden_layers: model.layerCount,
        num_key_value_heads: model.kvHeadCount,
        inputs: {
          input_ids: 'input_ids',
          attention_mask: 'attention_mask',
          past_key_names: 'past_key_values.%d.key',
          past_value_names: 'past_key_values.%d.value',
        },
        outputs: {
          logits: 'logits',
          present_key_names: 'present.%d.key',
          present_value_names: 'present.%d.value',
        },
      },
    },
    search: {
      do_sample: false,
      max_length: model.contextLength,
      min_length: 0,
      num_beams: 1,
      num_return_sequences: 1,
      // A shared buffer has the size of the whole context from the start; this one grows with the text.
      past_present_share_buffer: false,
      repetition_penalty: 1,
      temperature: 1,
      top_k: 50,
      top_p: 1,
    },
  }
}
